/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the two sightings of a packet, at a program's entry and at its exit, in a capture file. */
#ifndef XDPSHARK_PAIR_H
#define XDPSHARK_PAIR_H

#include "difference.h"
#include "verdict.h"

#include <epan/packet.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint32_t other;		      /* frame of the other sighting, 0 if it is not known (yet) */
	const Difference *difference; /* at the exit; NULL if the entry is not there to compare */
	bool counts;		      /* false for an entry whose exit is captured, too */
} Pair;

/* To be called once, when protocols are registered; octets is the preference: how many of each
 * packet at entry are kept for comparison. */
void pair_register(int protocol, const unsigned *octets);

/* Looks up a packet, and keeps what its other sighting will need. Files without entries and exits
 * cost nothing. Valid as long as the file is open. */
Pair pair_find(packet_info *pinfo, tvbuff_t *tvb, const Verdict *verdict);

#endif
