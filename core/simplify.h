/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Walks over the program once with what is known at each point: drops what is known already and
 * leads each jump to where the first open question is. */
#ifndef CBPF_SIMPLIFY_H
#define CBPF_SIMPLIFY_H

#include "graph.h"
#include "state.h"

/* Called for each block that can be reached, with the state behind its operations; may be NULL. */
struct simplify_listener {
	void (*block)(void *context, size_t index, const struct state *state,
		      struct value_table *values);
	void *context;
};

/* Returns 0 or -ENOMEM. Expects live and reached of the blocks to be set; live is stale afterwards.
 * Sets reached and preds. */
int graph_simplify(struct graph *graph, struct value_table *values,
		   const struct simplify_listener *listener);

#endif
