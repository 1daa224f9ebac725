/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the memory of a capture is divided into rings. A ring belongs to no CPU until one takes it
 * for its first packet (struct xdpshark_ring).
 */
#ifndef XDPSHARK_RING_PLAN_H
#define XDPSHARK_RING_PLAN_H

#include "cpu.h"
#include "rings.h"

/* Plans a ring of `size` bytes for each CPU that is online, and smaller ones, in a quarter of that
 * memory, for CPUs that come online later. Sets the counts and sizes in *ret_rings. Returns the
 * rings (struct xdpshark_ring) in the order in which CPUs take them. */
GArray *rings_plan(Rings *ret_rings, gsize size, const Cpus *cpus);

#endif /* XDPSHARK_RING_PLAN_H */
