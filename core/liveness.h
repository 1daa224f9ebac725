/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Which registers and scratch words hold something that is read later. */
#ifndef CBPF_LIVENESS_H
#define CBPF_LIVENESS_H

#include "graph.h"

/* Sets live of every block: the places read from its start on before they are written. Those of
 * block 0 are the ones to be zeroed. An operation whose result nobody needs reads nothing. */
void graph_live(struct graph *graph);

/* Drops operations whose result nobody reads; their bounds checks stay. Updates live. */
void graph_drop_dead(struct graph *graph);

/* Places that are live behind the last operation of block. */
uint32_t block_live_out(const struct graph *graph, const struct block *block);

/* The places live before op if those in live are live behind it. */
uint32_t op_live(const struct op *op, uint32_t live);

#endif
