/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Places the bounds checks: as few as possible, each as early and as far as is sound. */
#ifndef CBPF_BOUNDS_H
#define CBPF_BOUNDS_H

#include "graph.h"

/* What an OP_CHECK_X does about the pointer "start + X". The pointer belongs to the X that it was
 * made from: it is lost when X is written, and kept where paths join only if all of them have made
 * it from the present X. */
enum check_pointer {
	POINTER_KEEP,  /* it is there: only compare it */
	POINTER_MAKE,  /* X is small enough as the verifier knows it: make it, compare */
	POINTER_LIMIT, /* compare X with limit - k first */
	/* The same, but first make the verifier forget what it knows of X. What it has learned from
	 * comparisons may contradict itself on paths that are never taken; it then takes the
	 * pointer for a number and refuses the load (seen with 5.10 and 6.1). */
	POINTER_FORGET,
};

/* Bytes behind limit, which is 1 or more, cannot be loaded. Afterwards a check covers every load on
 * all paths to it. Returns 0 or -ENOMEM. */
int graph_bound(struct graph *graph, uint32_t limit);

/* The number of bytes from the start of the packet that the program can look at; UINT32_MAX if it
 * is not bounded. */
uint32_t graph_bytes(const struct graph *graph);

#endif
