/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Which registers and scratch words hold something that is read later. */
#ifndef CBPF_LIVENESS_H
#define CBPF_LIVENESS_H

#include "graph.h"

/* Sets live of every block: the places that are read from its start on before they are written;
 * those of block 0 must be set to 0 first. An operation whose result is not read reads nothing. */
void graph_live(struct graph *graph);

/* Drops operations whose result is not read; their bounds checks stay. Updates live. */
void graph_drop_dead(struct graph *graph);

/* Places that are live behind the last operation of block. */
uint32_t block_live_out(const struct graph *graph, const struct block *block);

/* The places that are live before op if those in live are so behind it. */
uint32_t op_live(const struct op *op, uint32_t live);

#endif
