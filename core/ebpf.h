/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Emits the blocks as eBPF instructions. */
#ifndef CBPF_EBPF_H
#define CBPF_EBPF_H

#include "assembler.h"
#include "cbpf/cbpf.h"
#include "graph.h"

/* Fills *assembler, which the caller has started with graph->count labels. Bounds must have been
 * placed for access and limit. Returns 0, -ENOMEM or -E2BIG. */
int graph_emit(struct graph *graph, enum cbpf_access access, uint32_t limit,
	       struct assembler *assembler);

#endif
