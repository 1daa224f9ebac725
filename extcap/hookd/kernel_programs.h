/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs of one capture at functions and tracepoints of the kernel, however many: a few have
 * a program each, many functions share one. What the kernel does not let be watched is left out.
 */
#ifndef XDPSHARK_KERNEL_PROGRAMS_H
#define XDPSHARK_KERNEL_PROGRAMS_H

#include "kernel_set.h"

typedef struct KernelPrograms KernelPrograms;

/* address: what the targets (KernelTarget *) were asked for as; both must outlive it. drops: also
 * where packets are dropped. */
KernelPrograms *kernel_programs_new(const char *address, const GPtrArray *targets, gboolean drops);
void kernel_programs_free(KernelPrograms *programs);

/* Returns the set that has the maps, which must outlive programs; NULL with error if the kernel
 * lets none of the targets be watched. */
ProgramSet *kernel_programs_load(KernelPrograms *programs, const ProgramRequest *request,
				 const struct xdpshark_kernel_config *wanted, GError **error);

/* FALSE with error if none can be attached. Links (descriptors) are added. */
gboolean kernel_programs_attach(KernelPrograms *programs, GArray *links, GError **error);

/* How often the kernel has not called them, since one was running on the same CPU. */
guint64 kernel_programs_missed(const KernelPrograms *programs);

#endif /* XDPSHARK_KERNEL_PROGRAMS_H */
