/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs that follow packets (journey.bpf.h) share with their loader.
 */
#ifndef XDPSHARK_JOURNEY_RECORD_H
#define XDPSHARK_JOURNEY_RECORD_H

#include <linux/types.h>

/* A packet that is followed: an element of map xdpshark_journeys by the address of its skb, and one
 * of xdpshark_buffers by that of its bytes, which clones have in common. */
struct xdpshark_journey {
	__u64 number; /* never 0 */
	__u64 head;   /* skb->head when it was seen last */
	__u64 seen;   /* when that was, in ns */
};

/* Journeys that have begun, of each CPU: by how deep it was in interrupts then. */
#define XDPSHARK_BEGUN_MAX 4

struct xdpshark_begun {
	__u64 counts[XDPSHARK_BEGUN_MAX];
};

/* The journeys since the programs were loaded. What has neither ended nor is in the map has been
 * pushed out of it. */
struct xdpshark_travel {
	__u64 kept;
	__u64 ended;
	__u64 parted; /* packets of which not all parts are followed */
};

/* So many parts of a packet are followed. */
#define XDPSHARK_PARTS_MAX 128

_Static_assert(sizeof(struct xdpshark_journey) == 24, "no gap");
_Static_assert(sizeof(struct xdpshark_travel) == 24, "no gap");

#endif /* XDPSHARK_JOURNEY_RECORD_H */
