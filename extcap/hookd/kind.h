/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of programs, of which a hook takes only one.
 */
#ifndef XDPSHARK_KIND_H
#define XDPSHARK_KIND_H

#include <glib.h>

/* What must be the same for all programs in a program array: the kernel's
 * bpf_prog_map_compatible(). */
typedef struct {
	guint32 flags;	     /* BPF_F_XDP_HAS_FRAGS or 0 */
	guint32 attach_type; /* expected_attach_type */
	const char *name;    /* for the log */
} ProgramKind;

/* An ordinary XDP program, for those that go into no hook. */
extern const ProgramKind kind_plain;

/* The kind that a hook (a map's descriptor) takes. Finds it by loading and discarding programs of a
 * few instructions that use the hook; touches no slot. The hook must have an owner. NULL with error
 * (PROGRAM_ERROR) if the kernel accepts no kind. */
const ProgramKind *kind_of_hook(int hook_fd, const char *path, GError **error);

#endif /* XDPSHARK_KIND_H */
