/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions and tracepoints of the kernel and its modules that have a packet among their arguments,
 * as their BTF describes them.
 */
#ifndef XDPSHARK_KERNEL_TARGET_H
#define XDPSHARK_KERNEL_TARGET_H

#include <glib.h>

struct btf;

typedef struct {
	char *name;
	char *module; /* NULL: the kernel itself */
	gboolean is_tracepoint;
	gboolean is_indirect; /* the argument is a pointer to the packet's pointer */
	guint8 argument;      /* which one the packet is, from 0 */
	guint16 number;	      /* among those that were found together, from 1 */
	guint32 type;	      /* its number in that BTF */
	/* Of functions, once kernel_functions_locate() was called: */
	char *symbol;	 /* what the kernel calls its code; NULL: it has none of its own */
	guint64 address; /* 0: the kernel does not show it */
	gboolean fixed;	 /* its code cannot be traced */
} KernelTarget;

#define KERNEL_TARGETS_MAX 16384

/* What the kernel lets programs do depends on where they are: to index by kernel_target_kind(). */
#define KERNEL_TARGET_KINDS 3
guint kernel_target_kind(const KernelTarget *target);

/* As a program has it: see XDPSHARK_TARGET_MARK. */
guint32 kernel_target_pack(const KernelTarget *target);

/* Those (KernelTarget *) with one of the names in a list with commas, by name; * and ? stand for
 * any characters and any one. Of the same name the tracepoint counts. NULL with error if there are
 * none or too many. kernel: the BTF of the kernel itself. */
GPtrArray *kernel_targets_find(struct btf *kernel, const char *names, GError **error);

#endif /* XDPSHARK_KERNEL_TARGET_H */
