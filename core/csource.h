/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Writes the blocks as a C function, for programs that are built with clang. */
#ifndef CBPF_CSOURCE_H
#define CBPF_CSOURCE_H

#include "cbpf/cbpf.h"
#include "graph.h"
#include "text.h"

/* Appends the function to *text. Bounds must have been placed for access and limit. */
void graph_write_c(struct graph *graph, enum cbpf_access access, uint32_t limit, const char *name,
		   struct text *text);

#endif
