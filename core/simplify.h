/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Walks through the program once, tracking what is known at each point. Drops operations and
 * comparisons whose result is known, and lets each jump skip them. */
#ifndef CBPF_SIMPLIFY_H
#define CBPF_SIMPLIFY_H

#include "graph.h"
#include "state.h"

/* Expects live and reached of the blocks to be set; live is stale afterwards. Sets reached, preds
 * and end, and refills the graph's values. Returns 0, -ENOMEM or -E2BIG. */
int graph_simplify(struct graph *graph);

#endif
