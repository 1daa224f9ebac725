/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts code that is made for a capture into its programs while libbpf loads them, in the place of
 * the stubs of bpf/hook.bpf.c.
 */
#ifndef XDPSHARK_SPLICE_H
#define XDPSHARK_SPLICE_H

#include <glib.h>

#include "config.h"
#include "kind.h"

struct bpf_insn;

typedef struct {
	const struct bpf_insn *insns; /* NULL: the stub stays */
	gsize length;
} SpliceCode;

/* Makes libbpf call us for the programs into which a filter is put, before their object is opened.
 */
gboolean splice_register(GError **error);

/* For the programs that are loaded until splice_end(): what comes in the place of each stub, and
 * what kind of XDP programs they shall be (NULL for programs of other types). Not for several
 * threads. */
void splice_begin(const SpliceCode codes[static XDPSHARK_STUBS], const ProgramKind *kind);
void splice_end(void);

#endif /* XDPSHARK_SPLICE_H */
