/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that are left out, whatever else the filter matches.
 */
#ifndef XDPSHARK_EXCLUSION_H
#define XDPSHARK_EXCLUSION_H

#include "filter.h"

typedef struct {
	const char *text; /* filter for the unwanted packets */
	guint shortest;	  /* bytes from the Ethernet header on, of the shortest of these */
} Exclusion;

/* A filter that matches what filter does and the exclusion does not, for packets of that link type.
 * The two are compiled separately: `vlan` in one does not shift the offsets of the other, and no
 * parentheses are needed that the other could close. */
Filter *exclusion_apply(const Exclusion *exclusion, LinkType link, const Filter *filter,
			GError **error);

/* How that would be typed; text is that of the filter, "" if none. Free with g_free(). */
char *exclusion_describe(const Exclusion *exclusion, const char *text);

#endif /* XDPSHARK_EXCLUSION_H */
