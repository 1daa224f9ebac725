/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs that many functions or tracepoints of the kernel share (bpf/kprobe.bpf.c): attached
 * to all functions by one link (kprobe.multi, Linux 5.18), or to one after the other (kprobes), and
 * to tracepoints where these have cookies (Linux 6.10).
 */
#ifndef XDPSHARK_KERNEL_PROBE_H
#define XDPSHARK_KERNEL_PROBE_H

#include "kernel_set.h"

typedef enum {
	KERNEL_PROBE_NONE,
	KERNEL_PROBE_SINGLE,
	KERNEL_PROBE_MULTI,
} KernelProbeKind;

/* Kprobes are taken back one after the other, too, for which the kernel waits each time. */
#define KERNEL_PROBE_SINGLE_MAX 32

/* Which one the kernel allows. Asked of it once. */
KernelProbeKind kernel_probe_kind(void);

/* Whether tracepoints can share a program. */
gboolean kernel_probe_takes_tracepoints(void);

/* Whether it can only be told which function has called the program by the function's address. */
gboolean kernel_probe_needs_addresses(void);

/* targets: functions that have been located, and tracepoints if it takes them. The rest as for
 * kernel_trace_load(). */
ProgramSet *kernel_probe_load(const ProgramRequest *request,
			      const struct xdpshark_kernel_config *wanted, const GPtrArray *targets,
			      const ProgramSet *first, GError **error);

/* Called for each target that the program cannot be attached to. */
typedef void KernelProbeFailed(const KernelTarget *target, const GError *error, gpointer data);

/* Attaches the programs to all of them that it can be attached to, and adds the links' descriptors
 * (int) to links. */
void kernel_probe_attach(const ProgramSet *set, const GPtrArray *targets, GArray *links,
			 KernelProbeFailed *failed, gpointer data);

#endif /* XDPSHARK_KERNEL_PROBE_H */
