/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs at the kernel's own places have in common when they are loaded, whether they
 * get typed arguments (kernel_trace.c) or registers (kernel_probe.c).
 */
#ifndef XDPSHARK_KERNEL_SET_H
#define XDPSHARK_KERNEL_SET_H

#include "kernel_record.h"
#include "kernel_target.h"
#include "program_set.h"

/* In ProgramSet.programs: the program of such a set, and that for tracepoints, which some have
 * besides or instead. */
enum { KERNEL_PROGRAM, KERNEL_TRACEPOINT };

/* The rings are planned, or those of the first set, whose maps this one shares but for `own` (or
 * NULL). config: the set's own, of which what the kernel can is filled in, and the rest from
 * wanted. */
gboolean kernel_set_prepare(ProgramSet *set, const ProgramRequest *request, const ProgramSet *first,
			    const char *own, struct xdpshark_kernel_config *config,
			    const struct xdpshark_kernel_config *wanted, GError **error);

/* How it reads bytes in fragments. */
void kernel_set_read_fragments(struct xdpshark_kernel_config *config, enum xdpshark_fragments how);

/* Compiles the filter and loads. The rest as for program_set_load_all(). */
gboolean kernel_set_load(ProgramSet *set, const ProgramRequest *request, const ProgramSet *first,
			 int (*load)(gpointer skeleton), ProgramSetTry attempt, gconstpointer data,
			 GError **error);

/* The program's instructions, with a number in them: see XDPSHARK_TARGET_MARK; NULL: it takes none.
 * kernel_program_mark() is to be called before it is loaded, and returns 0 or a negative errno. */
struct bpf_insn *kernel_program_insns(const struct bpf_program *program, guint32 number);
int kernel_program_mark(struct bpf_program *program, guint32 number);

/* Descriptor of its program. */
int kernel_set_program(const ProgramSet *set);

/* How often the kernel has not called a program, since it was running on the same CPU; of a set,
 * all of its programs. */
guint64 kernel_program_missed(int program);
guint64 kernel_set_missed(const ProgramSet *set);

/* Called for each place that has a number. */
typedef void KernelPlaceVisitor(guint64 address, const struct xdpshark_place *place, gpointer data);
void kernel_set_visit(const ProgramSet *set, KernelPlaceVisitor *visit, gpointer data);

#endif /* XDPSHARK_KERNEL_SET_H */
