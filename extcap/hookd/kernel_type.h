/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's description of its own types (BTF), just enough to find functions, structs and their
 * members. libbpf can read it, too, but takes 25 ms instead of 5.
 */
#ifndef XDPSHARK_KERNEL_TYPE_H
#define XDPSHARK_KERNEL_TYPE_H

#include <glib.h>

typedef struct KernelTypes KernelTypes;

/* Descriptor of the types of a module, or of the kernel itself ("vmlinux"), with their size in
 * bytes; -1 if there are none, or they may not be read. */
int kernel_btf_open(const char *name, guint32 *ret_size);

/* NULL without BTF, or without the right to read it (CAP_SYS_ADMIN). */
KernelTypes *kernel_types_read(void);
void kernel_types_free(KernelTypes *types);

/* A function or struct to find; id is set if it is found, and must be 0 before. */
typedef struct {
	const char *name;
	guint32 kind; /* BTF_KIND_FUNC or BTF_KIND_STRUCT */
	guint32 id;
} KernelTypeQuery;

void kernel_types_find(const KernelTypes *types, KernelTypeQuery *queries, guint count);

/* Finds a member of a struct or union, also in anonymous ones within it. Adds its offset in bytes
 * to *offset and returns the id of its type; 0 if there is none. */
guint32 kernel_types_member(const KernelTypes *types, guint32 id, const char *name,
			    guint32 *offset);

#endif /* XDPSHARK_KERNEL_TYPE_H */
