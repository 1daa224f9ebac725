/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Saves byte swaps: a field that is only compared with constants is compared in the packet's byte
 * order, with swapped constants. */
#ifndef CBPF_BYTEORDER_H
#define CBPF_BYTEORDER_H

#include "graph.h"

/* The last pass. live of the blocks must be up to date. Afterwards loads with raw set are compared
 * with constants in the packet's byte order. */
void graph_compare_raw(struct graph *graph);

#endif
