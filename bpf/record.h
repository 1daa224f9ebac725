/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the capture programs in the kernel and the reader of their rings share: plain structs of
 * fixed layout, in host byte order, with their sizes asserted on both sides.
 */
#ifndef XDPSHARK_RECORD_H
#define XDPSHARK_RECORD_H

#include <linux/types.h>

/* The actions of enum xdp_action: XDP_ABORTED 0, XDP_DROP 1, XDP_PASS 2, XDP_TX 3, XDP_REDIRECT 4.
 */
#define XDPSHARK_ACTIONS 5

/* The largest frame that is copied whole. XDP frames end at 64 KiB of payload and a few headers; a
 * test run of the kernel goes up to 73,152 bytes. */
#define XDPSHARK_SNAPLEN_MAX 81920

/* What became of a packet that reached one of our programs. Every packet counts in exactly one, so
 * that received = the sum of all, at any moment. */
enum xdpshark_outcome {
	XDPSHARK_REJECTED,	  /* the filter said no */
	XDPSHARK_SAMPLED,	  /* matched; left out by chance, as the user asked */
	XDPSHARK_LIMITED,	  /* matched; over the rate that the user asked for */
	XDPSHARK_CAPTURED,	  /* in the ring */
	XDPSHARK_LOST_FULL,	  /* matched; the ring had no room */
	XDPSHARK_LOST_UNREADABLE, /* matched; its bytes could not be copied */
	XDPSHARK_LOST_READER,	  /* matched; nobody reads the rings any more */
	XDPSHARK_LOST_NO_RING,	  /* matched; its CPU has no ring, or was amid another packet */
	XDPSHARK_OUTCOMES = 8,
};

/*
 * The ring of a CPU: segments of one size, elements of map xdpshark_segments one after the other.
 * The program fills a segment from its beginning, then takes the next one, if the reader has given
 * that back. No record is split. Neither side needs an atomic operation: the program counts the
 * segments that it has taken (xdpshark_cpu.taken), the reader those that it has given back
 * (.freed). Both counters wrap at 2^32, and so only their difference means anything: the segments
 * that the program may not write to.
 */
struct xdpshark_segment {
	__u32 used; /* bytes of records in data; the records up to there are complete */
	__u32 reserved[15];
	__u8 data[];
};

/* A ring that no CPU has yet: the first one without takes it for its first packet. They wait in map
 * xdpshark_rings. */
struct xdpshark_ring {
	__u32 base; /* these two as in struct xdpshark_cpu */
	__u32 segments;
};

/* A captured packet in a segment, at a multiple of 8 bytes, its own bytes behind it. */
struct xdpshark_record {
	__u64 time;   /* CLOCK_MONOTONIC of the initial time namespace, in ns */
	__u64 packet; /* number of the matched packet: CPU in the upper 16 bits, counted from 1 */
	__u32 wire_length;     /* of the frame with all its fragments, in bytes */
	__u32 captured_length; /* bytes in data */
	__u32 ifindex;	       /* receiving device, in the network namespace of that device */
	__u32 queue;	       /* receive queue */
	__u32 lost;	       /* matched packets lost on this CPU since the record before */
	__u16 cpu;
	__u8 action;
	__u8 device; /* number of the device, or XDPSHARK_DEVICE_UNKNOWN */
	__u8 data[];
};

/* A device as it was when a packet came from it. */
struct xdpshark_device {
	char name[16];
	__u64 namespace; /* cookie of its network namespace, which no other ever has */
	__u32 ifindex;
	__u16 type; /* ARPHRD_... */
	__u16 reserved;
};

/* Each CPU numbers the devices that its packets come from. Before the first packet of a device, and
 * when a number is given to another one, comes a record that is no packet: its action is this, its
 * device the number, its data a struct xdpshark_device. Kernels that do not let a program look at
 * the device (before 6.2) have none of this. */
#define XDPSHARK_ACTION_DEVICE	0xff
#define XDPSHARK_DEVICES	8
#define XDPSHARK_DEVICE_UNKNOWN 0xff

/* What one CPU writes and the reader looks at through mmap: element CPU of map xdpshark_cpus, which
 * has one for each possible CPU. No other CPU writes to these cache lines. A further element, the
 * last one, only counts, for CPUs that the kernel did not name. */
struct xdpshark_cpu {
	__u64 matched; /* packets so far, all actions: the source of xdpshark_record.packet */
	__u64 lost;    /* matched packets lost since the last record */
	__u64 outcomes[XDPSHARK_ACTIONS][XDPSHARK_OUTCOMES];
	__u64 due; /* rate limit: time at which the next packet would be due, in ns */
	/* the ring */
	__u32 base;	/* number of its first segment in map xdpshark_segments */
	__u32 segments; /* 0: this CPU has no ring; written last */
	__u32 taken;	/* segments taken so far; the reader reads in them up to .used */
	__u32 current;	/* the segment that is being filled; before the first: the last one */
	__u32 offset;	/* of the next record in its data; before the first: its whole size */
	__u32 busy;	/* a program is at work on a packet */
	__u32 ringless; /* there was no ring left */
	__u32 bell;	/* the alarm was reached: the reader is to be woken */
	__u64 began;	/* the time of the packet at work, or of one before it */
	__u32 device;	/* number of the one that the last record came from */
	__u32 reserved[15];
	struct xdpshark_device devices[XDPSHARK_DEVICES]; /* those that have a number */
	/* what the reader writes: a cache line of its own */
	__u32 freed; /* segments given back so far */
	__u32 alarm; /* whoever takes a segment, and has so many that were not given back, wakes the
			reader and clears this; 0: nobody does */
	__u32 reserved_reader[14];
};

/* What the reader asks of the programs: element 0 of map xdpshark_ctl. */
struct xdpshark_control {
	__u32 armed; /* set by the reader before it sleeps; a program clears it and wakes the reader
		      */
	__u32 closed; /* set by the reader when it reads no more: the programs copy nothing */
	__u32 reserved[14];
};

_Static_assert(sizeof(struct xdpshark_record) == 40, "layout of the record");
_Static_assert(sizeof(struct xdpshark_segment) == 64, "a cache line");
_Static_assert(sizeof(struct xdpshark_device) == 32, "four words, for comparing");
_Static_assert(sizeof(struct xdpshark_cpu) == 768, "whole cache lines");
_Static_assert(sizeof(struct xdpshark_control) == 64, "a cache line");

#endif /* XDPSHARK_RECORD_H */
