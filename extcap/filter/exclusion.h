/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that are left out, whatever else a filter says of them.
 */
#ifndef XDPSHARK_EXCLUSION_H
#define XDPSHARK_EXCLUSION_H

#include "filter.h"

typedef struct {
	const char *text; /* filter for packets that are not wanted */
	guint shortest;	  /* no packet that is shorter, in bytes from the Ethernet header on, is one
			   */
} Exclusion;

/* A filter that matches what filter does, for packets of that type, and the exclusion does not.
 * Both are compiled apart from each other: `vlan` in one does not move what the other looks at, and
 * no parenthesis is needed that the other could close. */
Filter *exclusion_apply(const Exclusion *exclusion, LinkType link, const Filter *filter,
			GError **error);

/* How that would be typed; text is that of the filter, "" if it has none. To be freed by g_free().
 */
char *exclusion_describe(const Exclusion *exclusion, const char *text);

#endif /* XDPSHARK_EXCLUSION_H */
