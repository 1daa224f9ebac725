/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs that watch what AF_XDP sockets send (xsk.bpf.c) share with their loader and
 * with the reader of their rings.
 */
#ifndef XDPSHARK_XSK_RECORD_H
#define XDPSHARK_XSK_RECORD_H

#include <linux/types.h>

#include "record.h"

/* What became of a packet, which is also its slot. */
enum {
	XDPSHARK_XSK_SENT,    /* NETDEV_TX_OK: the driver has it */
	XDPSHARK_XSK_DROPPED, /* NET_XMIT_DROP: the device is down, or has no carrier */
	XDPSHARK_XSK_BUSY,    /* NETDEV_TX_BUSY: the queue is full, the socket tries again */
	XDPSHARK_XSK_FAILED,  /* anything else */
	XDPSHARK_XSK_UNKNOWN, /* its end was not seen, or it did not match */
};

/* The verdict of a packet whose end was not seen: the process went on on another CPU. */
#define XDPSHARK_XSK_NONE (-0x7fffffff - 1)

enum {
	XDPSHARK_XSK_LINEAR_ONLY = 1 << 0, /* fragments could not be read */
};

/* In front of each packet. */
struct xdpshark_xsk_extra {
	__u64 socket; /* the inode of the socket; 0: unknown */
	__u32 pid;    /* of the process that sends, in the initial pid namespace */
	__u32 flags;
	char process[16]; /* its name */
};

/* What the loader tells the programs; constant for the verifier, as config is. */
struct xdpshark_xsk_config {
	__u64 pages; /* as in struct xdpshark_program_config */
	__u64 memory;
};

/* The device whose packets count. The loader may set another one that has its name now. */
struct xdpshark_xsk_device {
	__u64 namespace; /* its cookie where the kernel has them, else its inode */
	__u32 ifindex;	 /* 0: none */
	__u32 reserved;
};

_Static_assert(sizeof(struct xdpshark_xsk_extra) == 32, "layout of the extra bytes");
_Static_assert(sizeof(struct xdpshark_xsk_extra) <= XDPSHARK_EXTRA_MAX, "room for them");
_Static_assert(sizeof(struct xdpshark_xsk_config) == 16, "no gap");
_Static_assert(sizeof(struct xdpshark_xsk_device) == 16, "no gap");
_Static_assert(XDPSHARK_XSK_UNKNOWN < XDPSHARK_VERDICT_SLOTS, "a slot for each");

#endif /* XDPSHARK_XSK_RECORD_H */
