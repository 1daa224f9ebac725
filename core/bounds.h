/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Places the bounds checks: as few as possible, each as early and for as many bytes as is sound. */
#ifndef CBPF_BOUNDS_H
#define CBPF_BOUNDS_H

#include "graph.h"

/* What an OP_CHECK_X does about the pointer "start + X". The pointer belongs to the X that it was
 * made from: it is lost when X is written, and survives a join only if all paths made it from the
 * present X. */
enum check_pointer {
	POINTER_KEEP,  /* the pointer exists: only compare it */
	POINTER_MAKE,  /* the verifier knows that X is small enough: make it, compare it */
	POINTER_LIMIT, /* compare X with limit - k, then make it */
	/* The same, but first make the verifier forget what it knows of X. What it has learned from
	 * comparisons may be contradictory on paths that are never taken; it then takes the pointer
	 * for a number and rejects the load (seen with 5.10 and 6.1). */
	POINTER_FORGET,
};

/* Bytes beyond limit, which is at least 1, cannot be loaded. Afterwards every load is covered by a
 * check on each path to it. Returns 0 or -ENOMEM. */
int graph_bound(struct graph *graph, uint32_t limit);

/* How many bytes from the start of the packet the program can look at; UINT32_MAX if unbounded. */
uint32_t graph_bytes(const struct graph *graph);

#endif
