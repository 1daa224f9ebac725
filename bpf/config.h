/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration that the loader gives to the capture programs before they are loaded.
 */
#ifndef XDPSHARK_CONFIG_H
#define XDPSHARK_CONFIG_H

#include <linux/types.h>

#define XDPSHARK_IDENTITY_MAGIC 0x6b72616873706478ULL /* "xdpshark", little-endian */

/*
 * Which capture a program belongs to. Another xdpshark reads it from the program's read-only data,
 * which is frozen, so that the process that reads the rings cannot change it. It must stay the same
 * in all future versions.
 */
struct xdpshark_identity {
	__u64 magic;
	__u64 nonce; /* random */
	/* Id of a map that contains this identity, too, and that is kept only by a descriptor of
	 * xdpshark-hookd: the capture is alive exactly as long as the map exists. */
	__u32 life;
	__u32 pid; /* of xdpshark-hookd in its pid namespace; like uid, only for messages */
	__u32 uid;
	__u32 reserved;
};

struct xdpshark_config {
	struct xdpshark_identity identity; /* must be first, where others look for it */
	__u32 snaplen; /* bytes to copy of a packet, 1 to XDPSHARK_SNAPLEN_MAX */
	__u32 reach;   /* the filter reads no byte from this offset on; at most XDPSHARK_SNAPLEN_MAX
			*/
	__u32 version; /* of the filter: of records, by their member version */
	__u32 segment_size; /* of struct xdpshark_segment with its data, in bytes */
	__u64 interval;	    /* rate limit: ns between packets on one CPU; 0: no limit */
	__u64 burst;	    /* rate limit: ns worth of packets that may come at once */
	__u32 cpus;	    /* the element for CPUs beyond the possible ones */
	__u8 fragments;	    /* the programs are loaded with BPF_F_XDP_HAS_FRAGS: frames may have
			       fragments */
	__u8 load_bytes;    /* the kernel has bpf_xdp_load_bytes (5.18) */
	__u8 wants_length;  /* the filter looks at the length of the frame */
	__u8 wants_device;  /* the filter looks at the device or the queue */
	__u8 names_device;  /* the stubs for the device are replaced */
	__u8 count_only; /* there are no rings: packets that match are counted, with their bytes */
	__u8 reserved[6];
	__u64 salt[2]; /* of what frames are known by (frame_id.bpf.h); 0: they are not */
};

/* What changes while the programs run. xdpshark-hookd writes it through mmap; nobody else has its
 * map. */
struct xdpshark_brakes {
	__u32 sample; /* this many of 2^32 matching packets are captured; 0: all */
	__u32 paused; /* none is */
	__u32 ending; /* programs are being detached: the end of a run may be seen without its
		       * beginning */
};

/* The values that the stubs return, by which the loader recognises them. */
enum xdpshark_stub {
	XDPSHARK_STUB_PACKET = 1, /* the filter for packet pointers */
	XDPSHARK_STUB_BUFFER,	  /* the filter for a buffer */
	XDPSHARK_STUB_READ,	  /* reads the device */
	XDPSHARK_STUB_COMPARE,	  /* compares the device with one that was read before */
	XDPSHARK_STUBS,
};

_Static_assert(sizeof(struct xdpshark_identity) == 32, "layout of the identity");
_Static_assert(__builtin_offsetof(struct xdpshark_config, identity) == 0, "where others look");
_Static_assert(sizeof(struct xdpshark_brakes) == 12, "layout of the brakes");
_Static_assert(sizeof(struct xdpshark_config) == 96, "layout of the configuration");
_Static_assert(__builtin_offsetof(struct xdpshark_config, interval) == 48, "no gap before");
_Static_assert(__builtin_offsetof(struct xdpshark_config, cpus) == 64, "no gap before");
_Static_assert(__builtin_offsetof(struct xdpshark_config, reserved) == 74, "the last of the flags");

#endif /* XDPSHARK_CONFIG_H */
