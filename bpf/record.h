/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the capture programs in the kernel and the reader of their rings share: plain structs of
 * fixed layout, in host byte order. Both sides assert their sizes.
 */
#ifndef XDPSHARK_RECORD_H
#define XDPSHARK_RECORD_H

#include <linux/types.h>

/* The actions of enum xdp_action: XDP_ABORTED 0, XDP_DROP 1, XDP_PASS 2, XDP_TX 3, XDP_REDIRECT 4.
 */
#define XDPSHARK_ACTIONS 5

/* Packets are counted by verdict slot. The source defines what a slot stands for; for hooks, the
 * action with the same number. */
#define XDPSHARK_VERDICT_SLOTS 8

/* The largest frame that is copied completely. XDP frames are limited to 64 KiB of payload and a
 * few headers; the kernel's test runs take up to 73,152 bytes. */
#define XDPSHARK_SNAPLEN_MAX 81920

/* How many bytes of its own a source may put in front of a packet: a multiple of 8, so this is also
 * the mask for such lengths. */
#define XDPSHARK_EXTRA_MAX 0xf8U

/* What became of a packet that reached one of our programs. Each packet has exactly one outcome, so
 * their sum is the number of packets received, at any moment. */
enum xdpshark_outcome {
	XDPSHARK_REJECTED,	  /* did not match the filter */
	XDPSHARK_SAMPLED,	  /* matched, but left out by random sampling, or during a pause */
	XDPSHARK_LIMITED,	  /* matched, but exceeded the rate limit */
	XDPSHARK_CAPTURED,	  /* in the ring */
	XDPSHARK_LOST_FULL,	  /* matched, but the ring had no room */
	XDPSHARK_LOST_UNREADABLE, /* matched, but could not be copied */
	XDPSHARK_LOST_READER,	  /* matched, but nobody reads the rings any more */
	XDPSHARK_LOST_NO_RING, /* matched, but its CPU has no ring, or was busy with another packet
				*/
	XDPSHARK_OUTCOMES = 8,
};

/*
 * The ring of a CPU: segments of one size, which are consecutive elements of map xdpshark_segments.
 * The program fills a segment from its beginning, then takes the next one if the reader has given
 * it back. Records are never split. Neither side needs an atomic operation: the program counts the
 * segments that it has taken (xdpshark_cpu.taken), the reader those that it has given back
 * (.freed). Both counters wrap at 2^32, so only their difference has a meaning: the number of
 * segments that the program cannot take.
 */
struct xdpshark_segment {
	__u32 used; /* bytes of records in data; the records up to there are complete */
	__u32 reserved[15];
	__u8 data[];
};

/* A ring without a CPU, in map xdpshark_rings: the next CPU that needs one for its first packet
 * takes it. */
struct xdpshark_ring {
	__u32 base; /* both as in struct xdpshark_cpu */
	__u32 segments;
};

/* What a record contains. */
enum xdpshark_kind {
	XDPSHARK_KIND_PACKET,
	XDPSHARK_KIND_DEVICE, /* no packet, but the device that a number stands for from now on */
	XDPSHARK_KIND_SAME,   /* a packet with the bytes of an earlier record: its data is a struct
				 xdpshark_same */
};

/* Where in a function or program the packet was seen. */
enum xdpshark_direction {
	XDPSHARK_NO_DIRECTION,
	XDPSHARK_ENTRY,
	XDPSHARK_EXIT,
};

/* A captured packet in a segment, at a multiple of 8 bytes. It is followed by the source's own
 * bytes, then by the packet's. */
struct xdpshark_record {
	__u64 time;   /* CLOCK_MONOTONIC of the initial time namespace, in ns */
	__u64 packet; /* number of the matched packet: CPU in the upper 16 bits, counted from 1 */
	__u32 wire_length;     /* of the frame with all its fragments, in bytes */
	__u32 captured_length; /* the packet's bytes in data */
	__u32 ifindex;	       /* of the receiving device, in that device's network namespace */
	__u32 queue;	       /* receive queue */
	__u32 lost;	       /* matched packets lost on this CPU since the previous record */
	__s32 verdict;	       /* what was done with the packet; for hooks, the action */
	__u16 point;	       /* number of the point within the session */
	__u16 extra;	       /* the source's bytes in data: a multiple of 8 */
	__u8 kind;	       /* enum xdpshark_kind */
	__u8 direction;	       /* enum xdpshark_direction */
	__u8 device;	       /* number of the device, or XDPSHARK_DEVICE_UNKNOWN */
	__u8 version;	       /* of the filter that let it through */
	__u8 data[];
};

/* Where the CPU is in xdpshark_record.packet. */
#define XDPSHARK_CPU_SHIFT 48

/* A device, as it was when a packet came from it. */
struct xdpshark_device {
	char name[16];
	__u64 namespace; /* cookie of its network namespace, never reused */
	__u32 ifindex;
	__u16 type; /* ARPHRD_... */
	__u16 reserved;
};

/* Where the bytes are of a packet whose record has none: in that of another packet, which comes
 * before it in the same segment. */
struct xdpshark_same {
	__u32 record; /* where that begins in the segment's data */
	__u32 reserved;
};

/* Each CPU numbers the devices that its packets come from. A record of XDPSHARK_KIND_DEVICE
 * precedes the first packet of a device, also when its number was another one's before: its member
 * device is the number, and its data a struct xdpshark_device. There are no such records if the
 * kernel does not let programs look at the device (before 6.2). */
#define XDPSHARK_DEVICES	8
#define XDPSHARK_DEVICE_UNKNOWN 0xff

/* What one CPU writes and the reader sees through mmap: an element of map xdpshark_cpus, which has
 * one for each possible CPU. No other CPU writes to these cache lines. One more element, the last,
 * only has counts, for CPUs that the kernel has not announced. */
struct xdpshark_cpu {
	__u64 matched; /* packets so far with any verdict, from which xdpshark_record.packet is made
			*/
	__u64 lost;    /* matched packets lost since the last record */
	__u64 due;     /* rate limit: time at which the next packet would be due, in ns */
	__u64 began;   /* time of the packet being handled, or of an earlier one */
	/* the ring */
	__u32 base;	/* number of its first segment in map xdpshark_segments */
	__u32 segments; /* 0: this CPU has no ring; written last */
	__u32 taken;	/* segments taken so far, which the reader reads up to .used */
	__u32 current;	/* the segment being filled; before the first one, the last one */
	__u32 offset; /* of the next record in its data; before the first segment, its full size */
	__u32 busy;   /* a program is handling a packet */
	__u32 ringless; /* there was no ring left */
	__u32 bell;	/* the alarm was reached: wake the reader */
	__u64 outcomes[XDPSHARK_VERDICT_SLOTS][XDPSHARK_OUTCOMES]; /* a cache line a slot */
	__u32 device; /* number of the device of the last record */
	__u32 reserved[15];
	struct xdpshark_device devices[XDPSHARK_DEVICES]; /* those that have a number */
	__u64 bytes[XDPSHARK_VERDICT_SLOTS]; /* of the frames counted as XDPSHARK_CAPTURED, by
						programs that only count; else not touched */
	/* what the reader writes, in a cache line of its own */
	__u32 freed; /* segments given back so far */
	__u32 alarm; /* a program that takes a segment, and then has this many that were not given
			back, clears this and wakes the reader; 0: never */
	__u32 reserved_reader[14];
};

/* What the reader tells the programs: element 0 of map xdpshark_ctl. */
struct xdpshark_control {
	__u32 armed; /* set by the reader before it sleeps; a program clears it and wakes the reader
		      */
	__u32 closed; /* set by the reader when it stops reading: the programs copy nothing any more
		       */
	__u32 reserved[14];
};

#define XDPSHARK_AT(TYPE, FIELD, OFFSET)                                                           \
	_Static_assert(__builtin_offsetof(struct TYPE, FIELD) == (OFFSET), #TYPE "." #FIELD)

_Static_assert(sizeof(struct xdpshark_record) == 48, "layout of the record");
XDPSHARK_AT(xdpshark_record, captured_length, 20);
XDPSHARK_AT(xdpshark_record, verdict, 36);
XDPSHARK_AT(xdpshark_record, extra, 42);
XDPSHARK_AT(xdpshark_record, device, 46);
XDPSHARK_AT(xdpshark_record, data, 48);
_Static_assert(sizeof(struct xdpshark_same) == 8, "a word");
_Static_assert(sizeof(struct xdpshark_segment) == 64, "a cache line");
_Static_assert(sizeof(struct xdpshark_device) == 32, "four words, for comparing");
_Static_assert(sizeof(struct xdpshark_cpu) == 1024, "whole cache lines");
XDPSHARK_AT(xdpshark_cpu, outcomes, 64);
XDPSHARK_AT(xdpshark_cpu, device, 576);
XDPSHARK_AT(xdpshark_cpu, devices, 640);
XDPSHARK_AT(xdpshark_cpu, bytes, 896);
XDPSHARK_AT(xdpshark_cpu, freed, 960);
_Static_assert(sizeof(struct xdpshark_control) == 64, "a cache line");
XDPSHARK_AT(xdpshark_control, closed, 4);
_Static_assert(XDPSHARK_ACTIONS <= XDPSHARK_VERDICT_SLOTS, "a slot for each action");
_Static_assert(((XDPSHARK_EXTRA_MAX + 8) & XDPSHARK_EXTRA_MAX) == 0, "a mask of multiples of 8");

#endif /* XDPSHARK_RECORD_H */
