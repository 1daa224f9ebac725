/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Finds chains of comparisons with constants, as filters of a thousand hosts are made of, and turns
 * them into binary searches. */
#ifndef CBPF_CHAIN_H
#define CBPF_CHAIN_H

#include "graph.h"

/* live, reached, preds and end of the blocks are up to date; reached and preds are so afterwards.
 * *ret_searches is the number of chains that were found. Returns 0 or -ENOMEM. */
int graph_search_chains(struct graph *graph, int *ret_searches);

#endif
