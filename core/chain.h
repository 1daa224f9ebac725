/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Finds chains of comparisons with constants, such as in filters for a thousand hosts, and turns
 * them into binary searches. */
#ifndef CBPF_CHAIN_H
#define CBPF_CHAIN_H

#include "graph.h"

/* live, reached, preds and end of the blocks must be up to date; only reached and preds are
 * afterwards. *ret_searches is the number of chains that were replaced. Returns 0 or -ENOMEM. */
int graph_search_chains(struct graph *graph, int *ret_searches);

#endif
