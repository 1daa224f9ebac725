/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Turns classic instructions into blocks of operations. */
#ifndef CBPF_DECODE_H
#define CBPF_DECODE_H

#include "cbpf/cbpf.h"
#include "graph.h"

/* Builds *graph from a validated program, in the graph's arena. Returns 0, -ENOMEM, or -EINVAL or
 * -ENOTSUP with *error for a reachable instruction that has no meaning. */
int program_decode(struct graph *graph, const struct sock_filter *code, size_t length,
		   struct cbpf_error *error);

#endif
