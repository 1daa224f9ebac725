/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of many rings as one stream in order of time.
 */
#ifndef XDPSHARK_MERGE_H
#define XDPSHARK_MERGE_H

#include <glib.h>

#include "pace.h"
#include "ring.h"

typedef struct Merge Merge;

Merge *merge_new(void);
void merge_free(Merge *merge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Merge, merge_free)

/* Adds a copy of a ring, which counts from the next look on. */
void merge_add(Merge *merge, const Ring *ring, guint session);
guint merge_rings(const Merge *merge);

/* Looks how far the rings are filled. Nothing later than horizon is returned before the next
 * look. */
void merge_look(Merge *merge, guint64 horizon);

/* What waited in the rings at the last look. */
PaceLoad merge_load(const Merge *merge);

/* The time of the next packet that the last look saw, or RING_EMPTY. */
guint64 merge_peek(Merge *merge);

/* That packet, and the session of its ring; NULL if there is none. It stays valid until the next
 * call. */
const RingPacket *merge_next(Merge *merge, guint *ret_session);

/* Gives back the room of all packets that were returned. */
void merge_release(Merge *merge);

/* See ring_set_alarm(). */
void merge_set_alarms(Merge *merge);

/* TRUE if there is anything in a ring, even if it is later than the horizon. */
gboolean merge_pending(const Merge *merge);

#endif /* XDPSHARK_MERGE_H */
