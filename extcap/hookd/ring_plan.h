/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The size of a capture's rings, and which CPU gets which segments.
 */
#ifndef XDPSHARK_RING_PLAN_H
#define XDPSHARK_RING_PLAN_H

#include "rings.h"

/* Sets segment_count and segment_size for rings of `size` bytes for each CPU that is online. */
void rings_plan(Rings *rings, gsize size);

/* Gives each CPU that is online its segments, all of them being free. One that comes up later has
 * none, and what it would capture counts as lost. Returns 0 or a negative errno. */
int rings_assign(const Rings *rings);

#endif /* XDPSHARK_RING_PLAN_H */
