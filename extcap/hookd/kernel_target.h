/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions and tracepoints of the kernel that have a packet among their arguments, as its BTF
 * describes them.
 */
#ifndef XDPSHARK_KERNEL_TARGET_H
#define XDPSHARK_KERNEL_TARGET_H

#include <glib.h>

struct btf;

typedef struct {
	char *name;
	gboolean is_tracepoint;
	guint8 argument; /* which one the packet is, from 0 */
	guint16 number;	 /* among those that were found together, from 1 */
} KernelTarget;

/* Programs for all of them are loaded at once. */
#define KERNEL_TARGETS_MAX 64

/* What the kernel lets programs do depends on where they are: to index by kernel_target_kind(). */
#define KERNEL_TARGET_KINDS 3
guint kernel_target_kind(const KernelTarget *target);

/* Those (KernelTarget *) with one of the names in a list with commas; * and ? stand for any
 * characters and any one. Of the same name the tracepoint counts. NULL with error if there are none
 * or too many. */
GPtrArray *kernel_targets_find(const struct btf *kernel, const char *names, GError **error);

#endif /* XDPSHARK_KERNEL_TARGET_H */
