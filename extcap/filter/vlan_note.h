/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device may take VLAN tags off before XDP: then no filter with `vlan` matches, and nobody can
 * see why.
 */
#ifndef XDPSHARK_VLAN_NOTE_H
#define XDPSHARK_VLAN_NOTE_H

#include "point.h"

/* Which of the point's devices do so, and what to do, in one line; NULL if none does. To be freed
 * by g_free(). */
char *vlan_note(const Point *point);

/* Whether a filter looks for VLAN tags: the word `vlan`, or one of their Ethernet types. */
gboolean vlan_note_concerns(const char *filter);

#endif /* XDPSHARK_VLAN_NOTE_H */
