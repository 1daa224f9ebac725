/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet's way through the kernel: its sightings in a capture file. Those of the kernel have
 * the number of its journey. What XDP had before belongs to it if it lay at the same place in
 * memory shortly before the kernel's first sighting.
 */
#ifndef XDPSHARK_JOURNEY_H
#define XDPSHARK_JOURNEY_H

#include "skb_comment.h"
#include "verdict.h"

#include <epan/packet.h>
#include <stdbool.h>
#include <stdint.h>

/* Frames are 0 where they are not known (yet); times are nanoseconds. */
typedef struct {
	CommentLong number;
	uint32_t previous;
	uint32_t next;
	uint64_t latency;   /* since the previous sighting, if there is one */
	uint64_t time;	    /* since the first one */
	const char *before; /* the point of the previous one, or NULL; as long as the file is open
			     */
} Journey;

/* To be called once, when protocols are registered. */
void journey_register(int protocol);

/* These look up a packet, and keep what its other sightings will need. They return false if it is
 * on no journey. Files without journeys cost nothing. */
bool journey_find_skb(packet_info *pinfo, const SkbComment *comment, Journey *ret_journey);
/* entry: the frame of the same packet at the program's entry, or 0. */
bool journey_find_xdp(packet_info *pinfo, const Verdict *verdict, uint32_t entry,
		      Journey *ret_journey);

/* What the statistics call the place where XDP had a packet. */
const char *journey_point_of(const Verdict *verdict);

/* Shows what there is to say. */
void journey_show(const Journey *journey, tvbuff_t *tvb, proto_tree *tree);

#endif
