/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that are followed through the kernel (bpf/journey.bpf.h): what all sessions that do so
 * have in common, so that a packet has one number in all of them, and the programs that see its
 * end. It is there while one of them is.
 */
#ifndef XDPSHARK_JOURNEY_H
#define XDPSHARK_JOURNEY_H

#include <glib.h>

struct bpf_object;

/* So many packets can be on their way at a time. */
#define JOURNEYS_MAX 16384

/* For programs that are about to be loaded. The maps are there from now on, until each of those who
 * called has called journeys_leave(). */
gboolean journeys_join(GError **error);
gboolean journeys_share(struct bpf_object *object, GError **error);

/* To be called when the programs are attached, as they must see a packet that is freed before the
 * journey ends. */
gboolean journeys_watch(GError **error);

/* Says how many packets were lost from sight, if this was the last one. */
void journeys_leave(void);

#endif /* XDPSHARK_JOURNEY_H */
