/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the memory of a capture is divided into rings. A ring is nobody's until a CPU takes it for
 * its first packet (struct xdpshark_ring).
 */
#ifndef XDPSHARK_RING_PLAN_H
#define XDPSHARK_RING_PLAN_H

#include "cpu.h"
#include "rings.h"

/* Sets the counts and sizes in rings, for a ring of `size` bytes for each CPU that is online; and
 * smaller ones for CPUs that come online later, as far as a quarter of that memory reaches. Returns
 * the rings, struct xdpshark_ring, in the order in which they are to be taken. */
GArray *rings_plan(Rings *ret_rings, gsize size, const Cpus *cpus);

#endif /* XDPSHARK_RING_PLAN_H */
