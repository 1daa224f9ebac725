/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program must be like for a hook to take it.
 */
#ifndef XDPSHARK_KIND_H
#define XDPSHARK_KIND_H

#include <glib.h>

/* What must be equal in all programs of a program array: the kernel's bpf_prog_map_compatible(). */
typedef struct {
	guint32 flags;	     /* BPF_F_XDP_HAS_FRAGS or 0 */
	guint32 attach_type; /* expected_attach_type */
	const char *name;    /* for the log */
} ProgramKind;

/* An XDP program as most are, for programs that go into no hook. */
extern const ProgramKind kind_plain;

/* Which kind the owner of the hook (a map file descriptor) is, found by loading programs of a few
 * instructions that name the hook and are thrown away; touches no slot. The hook must have an
 * owner. NULL with error (of program.h) if the kernel accepts no kind. */
const ProgramKind *kind_of_hook(int hook_fd, const char *path, GError **error);

#endif /* XDPSHARK_KIND_H */
