/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Finds chains of comparisons with constants and makes them searches: what a filter of a thousand
 * hosts is made of. */
#ifndef CBPF_CHAIN_H
#define CBPF_CHAIN_H

#include "graph.h"
#include "simplify.h"

/* What A and X hold at the end of each block, and the range in which A is known to lie there. */
struct chain_values {
	uint32_t *a;
	uint32_t *x;
	uint32_t *low, *high;
};

/* Returns 0 or -ENOMEM. */
int chain_values_start(struct chain_values *ends, size_t blocks);
void chain_values_release(struct chain_values *ends);
/* To be called by graph_simplify(). */
void chain_values_note(void *context, size_t index, const struct state *state,
		       struct value_table *values);

/* live, reached and preds of the blocks are up to date; reached and preds are so afterwards.
 * Returns the number of chains that were found, or -ENOMEM. */
int graph_search_chains(struct graph *graph, const struct value_table *values,
			const struct chain_values *ends);

#endif
