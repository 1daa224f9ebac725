/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the loader tells the capture programs before they are loaded.
 */
#ifndef XDPSHARK_CONFIG_H
#define XDPSHARK_CONFIG_H

#include <linux/types.h>

struct xdpshark_config {
	__u32 snaplen;	 /* bytes to copy of a packet, 1 to XDPSHARK_SNAPLEN_MAX */
	__u32 reach;	 /* the filter looks at no byte from this offset on; XDPSHARK_SNAPLEN_MAX at
			    most */
	__u32 sample;	 /* of 2^32 matching packets so many are captured; 0: all */
	__u64 interval;	 /* rate limit: ns between packets on one CPU; 0: no limit */
	__u64 burst;	 /* rate limit: ns of packets that may come at once */
	__u8 fragments;	 /* the programs are loaded with BPF_F_XDP_HAS_FRAGS: frames may have
			    fragments */
	__u8 load_bytes; /* the kernel has bpf_xdp_load_bytes (5.18) */
	__u8 wants_length;  /* the filter looks at the length of the frame */
	__u8 wants_device;  /* the filter looks at the device or the queue */
	__u32 segment_size; /* of struct xdpshark_segment with its data, in bytes */
	__u32 cpus;	    /* the element of those beyond the possible ones */
};

/* The values that the stubs of the filter return, by which the loader tells them apart. */
#define XDPSHARK_STUB_PACKET 1
#define XDPSHARK_STUB_BUFFER 2

#endif /* XDPSHARK_CONFIG_H */
