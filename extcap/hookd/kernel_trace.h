/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs at the kernel's own places that get typed arguments (bpf/kernel.bpf.c), one for each
 * tracepoint (tp_btf) or function (fentry): loaded with a compiled filter inside, and attached by
 * links that end with their descriptors.
 */
#ifndef XDPSHARK_KERNEL_TRACE_H
#define XDPSHARK_KERNEL_TRACE_H

#include "kernel_set.h"

/* wanted: which packets; what the kernel can is filled in. target: NULL for where packets are
 * dropped. walks: where the kernel does not read fragments, the program may, which takes the
 * verifier some tenths of a second. first: another set, whose maps this one shares, and which must
 * outlive it; or NULL. */
ProgramSet *kernel_trace_load(const ProgramRequest *request,
			      const struct xdpshark_kernel_config *wanted,
			      const KernelTarget *target, gboolean walks, const ProgramSet *first,
			      GError **error);

/* The program of a set once more, for another target of the same kind, as its descriptor: much
 * faster than another set. -1 with error. */
int kernel_trace_copy(const ProgramSet *set, const KernelTarget *target, GError **error);

/* Descriptor of the link, or -1 with error. */
int kernel_trace_attach(int program, GError **error);

/* Why the kernel lets nobody look at what it drops; NULL: it does. Asked of it once. */
const char *kernel_trace_refusal(void);

#endif /* XDPSHARK_KERNEL_TRACE_H */
