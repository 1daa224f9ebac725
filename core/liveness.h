/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Which registers and scratch words hold something that is read later. */
#ifndef CBPF_LIVENESS_H
#define CBPF_LIVENESS_H

#include "graph.h"

/* Sets live of every block: the places that are read after its start before they are written. Those
 * of block 0 must be set to 0 first. An operation whose result is never read counts as reading
 * nothing. */
void graph_live(struct graph *graph);

/* Drops operations whose result is never read; their bounds checks stay. Updates live. */
void graph_drop_dead(struct graph *graph);

/* Places that are live behind the last operation of block. */
uint32_t block_live_out(const struct graph *graph, const struct block *block);

/* The places live before op, given those live behind it. */
uint32_t op_live(const struct op *op, uint32_t live);

#endif
