/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs that watch other XDP and tc programs (program.bpf.c) share with their loader
 * and with the reader of their rings.
 */
#ifndef XDPSHARK_PROGRAM_RECORD_H
#define XDPSHARK_PROGRAM_RECORD_H

#include <linux/types.h>

#include "record.h"

/* The verdict of a packet at entry, where it is not known yet. */
#define XDPSHARK_VERDICT_NONE (-0x7fffffff - 1)

/* Verdict slots: exits count in that of their action, or in SLOT_OTHER if the program has returned
 * something else. Those of tc programs are numbered as SourceType.verdicts are. */
#define XDPSHARK_SLOT_OTHER 5
#define XDPSHARK_SLOT_ENTRY 6

/* Runs that a program of ours was not called for, or whose end was not seen: in LOST_NO_RING. What
 * the kernel knows of that is added by the loader when all is over, in the element that belongs to
 * no CPU. */
#define XDPSHARK_SLOT_SKIPPED 7

enum {
	XDPSHARK_TARGET = 1 << 0,      /* the target of a redirect is known */
	XDPSHARK_LINEAR_ONLY = 1 << 1, /* fragments could not be read */
	XDPSHARK_MARK_CHANGED = 1 << 2,
};

/* In front of each packet. */
struct xdpshark_program_extra {
	__u64 duration; /* at exit, if the entry was seen: time between the two, in ns */
	union {
		__s32 head; /* by how much the packet's beginning has moved, in bytes; negative:
			       bytes were put in front */
		__u32 mark; /* of a tc program's, whose memory may be another one afterwards */
	};
	__s32 tail;	/* the same of its end; of a tc program's, by how much it has grown */
	__u32 program;	/* id of the program that ran */
	__u32 map;	/* id of the map of the target; 0: the target is a device's index */
	__u32 target;	/* index in the map */
	__u16 map_type; /* enum bpf_map_type */
	__u16 flags;
	__u64 socket; /* inode of the AF_XDP socket that is the target; 0: none, or unknown */
	__u32 frame;  /* what the frame is known by; 0: unknown */
	__u32 reserved;
};

/* Points of a program's run: bits. */
#define XDPSHARK_AT_ENTRY 1
#define XDPSHARK_AT_EXIT  2

/* A tc program can be attached for packets that come in and for those that go out. */
enum xdpshark_way {
	XDPSHARK_ANY_WAY,
	XDPSHARK_INGRESS,
	XDPSHARK_EGRESS,
};

/* What the loader tells the programs; constant for the verifier, as config is. */
struct xdpshark_program_config {
	__u64 pages;	 /* addresses of vmemmap_base and page_offset_base; 0: not to be had, */
	__u64 memory;	 /* so that fragments cannot be read */
	__u64 namespace; /* the device's: its cookie where the kernel has them, else its inode */
	__u32 ifindex;	 /* the device whose packets count; 0: those of all */
	__u32 actions;	 /* bit 1 << action for those to capture; 0: all */
	__u32 program;	 /* id of the one that these are attached to */
	__u8 dispatcher; /* attached to the kernel's function through which all programs run */
	__u8 attached;	 /* XDPSHARK_AT_...: where there is a program of ours */
	__u8 judged;	 /* where the filter looks at packets; both: one match is enough */
	__u8 captured;	 /* what goes into the rings */
	__u8 held;	 /* what is captured at entry may have to wait for the verdict */
	__u8 ports;	 /* packets of the device's ports count, too */
	__u8 way;	 /* enum xdpshark_way, of a tc program */
	__u8 leaves;	 /* the program changes no packet, which is captured at both */
	__u32 view;	 /* bytes of each program's view */
	__u32 only;	 /* the device that all packets are of; 0: they have to be asked */
	__u32 reserved;
};

_Static_assert(sizeof(struct xdpshark_program_extra) == 48, "layout of the extra bytes");
_Static_assert(sizeof(struct xdpshark_program_extra) <= XDPSHARK_EXTRA_MAX, "room for them");
_Static_assert(sizeof(struct xdpshark_program_config) == 56, "no gap");
_Static_assert(XDPSHARK_SLOT_SKIPPED < XDPSHARK_VERDICT_SLOTS, "a slot for each");

#endif /* XDPSHARK_PROGRAM_RECORD_H */
