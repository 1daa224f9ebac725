/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Places the bounds checks: as few as will do, each as early and as far as is sound. */
#ifndef CBPF_BOUNDS_H
#define CBPF_BOUNDS_H

#include "graph.h"

/* What is to be done about the pointer "start + X" at an OP_CHECK_X. The pointer belongs to the X
 * it was made from: when X is written it is worthless, and where ways meet it survives only if it
 * was made from the present X on all of them. */
enum check_pointer {
	POINTER_KEEP,  /* it is there; compare it only */
	POINTER_MAKE,  /* X is small enough as the verifier knows it: make it, compare */
	POINTER_LIMIT, /* compare X with limit - k first */
	/* The same, but make the verifier forget what it knows of X before: it may have learned
	 * from comparisons, and on ways that are never taken such knowledge contradicts itself;
	 * then (seen with 5.10 and 6.1) it takes the pointer for a number and refuses the load. */
	POINTER_FORGET,
};

/* Bytes behind limit cannot be loaded; at least 1. Afterwards every load stands behind a check
 * that covers it on all ways. Returns 0 or -ENOMEM. */
int graph_bound(struct graph *graph, uint32_t limit);

/* The number of bytes from the start of the packet that the program can look at; UINT32_MAX if it
 * is not bounded. */
uint32_t graph_bytes(const struct graph *graph);

#endif
