/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs at the kernel's own places (kernel.bpf.c) share with their loader and with the
 * reader of their rings.
 */
#ifndef XDPSHARK_KERNEL_RECORD_H
#define XDPSHARK_KERNEL_RECORD_H

#include <linux/types.h>

#include "record.h"

/* What is known of a packet, and how its bytes came about. */
enum {
	XDPSHARK_SKB_REASON = 1 << 0,  /* why it was dropped */
	XDPSHARK_SKB_PROCESS = 1 << 1, /* whose work it was */
	XDPSHARK_SKB_SOFTIRQ = 1 << 2, /* nobody's: the process that was interrupted says nothing */
	XDPSHARK_SKB_HARDIRQ = 1 << 3, /* likewise */
	XDPSHARK_SKB_MADE_LINK = 1 << 4, /* there was no Ethernet header: it is made */
	XDPSHARK_SKB_CUT = 1 << 5,	 /* only a first part could be read */
	XDPSHARK_SKB_QUEUE = 1 << 6, /* its receive queue, or if it came from no device the one to
					send on */
	XDPSHARK_SKB_MADE_NETWORK = 1 << 7, /* nor an IP header */
	XDPSHARK_SKB_ARRIVES = 1 << 8,	    /* its driver has just made it */
};

/* A number without a place. */
#define XDPSHARK_NO_PLACE 0

/* Calls of a stack that are kept. */
#define XDPSHARK_STACK_MAX 16

/* In front of each packet. Addresses of the kernel's code are none of the reader's business: each
 * has a number instead, whose name xdpshark-hookd says. */
struct xdpshark_kernel_extra {
	__u32 place;	 /* number of the place from which the packet was dropped */
	__u32 reason;	 /* enum skb_drop_reason */
	__u32 namespace; /* inode of its network namespace; 0: it has none */
	__u32 mark;
	__u32 hash;
	__u32 process; /* its id */
	__u16 gso_size;
	__u16 gso_segments;
	__u16 flags;
	__u16 point; /* number of the function or tracepoint, from 1; 0: where packets are dropped
		      */
	char command[16];
	__u64 journey; /* 0: packets are not followed */
	__u32 frame;   /* what the frame is known by; 0: unknown */
	__u32 reserved;
	/* numbers of the places on the way to this one, the last call first; 0: no more */
	__u32 stack[XDPSHARK_STACK_MAX];
};

/* Where the code is that has a number: an element of map xdpshark_places, by its address. */
struct xdpshark_place {
	__u32 number;
	char name[92]; /* "nf_hook_slow+0x9d/0x120", with the module in brackets; "": unknown */
};

#define XDPSHARK_REASONS_MAX 16

/* How bytes in fragments are read. */
enum xdpshark_fragments {
	XDPSHARK_FRAGMENTS_BY_KERNEL, /* bpf_dynptr_from_skb(), for such programs from 6.12 on */
	XDPSHARK_FRAGMENTS_WALK,      /* by the program */
	XDPSHARK_FRAGMENTS_NOT,	      /* not at all */
	XDPSHARK_FRAGMENTS_KINDS,
};

enum xdpshark_process_by {
	XDPSHARK_PROCESS_ANY,
	XDPSHARK_PROCESS_BY_NAME,
	XDPSHARK_PROCESS_BY_ID,
};

/* What the loader tells the programs; constant for the verifier, as config is. */
struct xdpshark_kernel_config {
	__u32 reasons[XDPSHARK_REASONS_MAX]; /* those that are wanted */
	__u32 reason_count;		     /* 0: all */
	__u32 not_dropped[2];		     /* reasons that are none; G_MAXUINT32: no such */
	__u32 namespace;		     /* inode of the one that is wanted; 0: all */
	__u32 mark;
	__u32 mark_mask; /* 0: all marks */
	__u32 process;
	__s32 preempt_count; /* bytes behind the CPU's run queue; 0: it is not there */
	__u64 pages; /* where vmemmap_base and page_offset_base are, for that; 0: not known */
	__u64 memory;
	char command[16]; /* the rest is 0 */
	char device[16];  /* likewise; "": all */
	__u8 wants_stack;
	__u8 tracks;	   /* packets are followed from where they matched */
	__u8 process_by;   /* enum xdpshark_process_by */
	__u8 has_reason;   /* the kernel says why (5.17) */
	__u8 names_places; /* bpf_snprintf() is there (5.13) */
	__u8 fragments;	   /* enum xdpshark_fragments */
	__u8 has_cookies;  /* bpf_get_attach_cookie() is there (5.15) */
	__u8 reserved;
};

/*
 * The function or tracepoint that a program is called for: its number, which of its arguments the
 * packet is (from 0), whether that is a pointer to the pointer, and whether packets come from
 * drivers there, each with bytes of its own. A program of its own has it as the lower half of a
 * constant whose upper half is XDPSHARK_TARGET_MARK; one that many share gets it as cookie, or
 * finds it in map xdpshark_targets by the function's address.
 */
#define XDPSHARK_TARGET_MARK	  0x5eedface
#define XDPSHARK_TARGET_ARGUMENT  16 /* bits to shift */
#define XDPSHARK_TARGET_INDIRECT  (1 << 24)
#define XDPSHARK_TARGET_ARRIVES	  (1 << 25)
#define XDPSHARK_TARGET_ARGUMENTS 5

_Static_assert(sizeof(struct xdpshark_kernel_extra) == 128, "layout of the extra bytes");
_Static_assert(sizeof(struct xdpshark_kernel_extra) <= XDPSHARK_EXTRA_MAX, "room for them");
_Static_assert(sizeof(struct xdpshark_place) == 96, "no gap");
_Static_assert(sizeof(struct xdpshark_kernel_config) == 152, "no gap");

#endif /* XDPSHARK_KERNEL_RECORD_H */
