/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device may remove VLAN tags before XDP: then no filter with `vlan` matches, for no visible
 * reason.
 */
#ifndef XDPSHARK_VLAN_NOTE_H
#define XDPSHARK_VLAN_NOTE_H

#include "point.h"

/* A line with the devices of the point that do so, and what to do; NULL if none does. Free with
 * g_free(). */
char *vlan_note(const Point *point);

/* True if a filter looks for VLAN tags: has the word `vlan`, or one of their Ethernet types. */
gboolean vlan_note_concerns(const char *filter);

#endif /* XDPSHARK_VLAN_NOTE_H */
