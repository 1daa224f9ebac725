/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs at the kernel's own places (bpf/kernel.bpf.c): loaded with a compiled filter inside,
 * and attached by links that end with their descriptors.
 */
#ifndef XDPSHARK_KERNEL_TRACE_H
#define XDPSHARK_KERNEL_TRACE_H

#include "kernel_record.h"
#include "kernel_target.h"
#include "program_set.h"

/* wanted: which packets; what the kernel can is filled in. target: NULL for where packets are
 * dropped. first: another set, whose maps this one shares, and which must outlive it; or NULL. */
ProgramSet *kernel_trace_load(const ProgramRequest *request,
			      const struct xdpshark_kernel_config *wanted,
			      const KernelTarget *target, const ProgramSet *first, GError **error);

/* Descriptor of the link, or -1 with error. */
int kernel_trace_attach(const ProgramSet *set, GError **error);

/* How often the kernel has not called the program, since it was running on the same CPU. */
guint64 kernel_trace_missed(const ProgramSet *set);

/* Called for each place that has a number. */
typedef void KernelPlaceVisitor(guint64 address, const struct xdpshark_place *place, gpointer data);
void kernel_trace_visit(const ProgramSet *set, KernelPlaceVisitor *visit, gpointer data);

/* Why the kernel lets nobody look at what it drops; NULL: it does. Asked of it once. */
const char *kernel_trace_refusal(void);

#endif /* XDPSHARK_KERNEL_TRACE_H */
