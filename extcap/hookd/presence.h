/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps account of when a capture's programs were in their slots, from looks about once a second.
 */
#ifndef XDPSHARK_PRESENCE_H
#define XDPSHARK_PRESENCE_H

#include <glib.h>

#include "slot.h"

typedef struct {
	guint64 seen[XDPSHARK_ACTIONS]; /* when it was last seen in its slot; monotonic, in ns */
	Attachment attachment;
} Presence;

/* The programs for these actions (bit 1 << action) were put into their slots at that time. */
void presence_fill(Presence *presence, guint actions, guint64 now);

/* They left their slots at that time, to move to others. */
void presence_leave(Presence *presence, guint actions, guint64 now);

/* Adds what was seen at that time. */
void presence_take(Presence *presence, const SlotReport reports[XDPSHARK_ACTIONS], guint64 now);

/* Returns the account up to now. */
void presence_read(const Presence *presence, guint64 now, Attachment *ret_attachment);

#endif /* XDPSHARK_PRESENCE_H */
