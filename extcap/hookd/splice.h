/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts compiled filters into the capture programs while libbpf loads them, in the place of the
 * stubs of bpf/capture.bpf.c.
 */
#ifndef XDPSHARK_SPLICE_H
#define XDPSHARK_SPLICE_H

#include <glib.h>

#include "kind.h"

struct cbpf_program;

/* Makes libbpf call us for programs of the section "xdpshark", before their object is opened. */
gboolean splice_register(GError **error);

/* For the programs that are loaded until splice_end(): the filter for packet pointers, the one for
 * a buffer or NULL if it cannot be called, and what kind of programs they shall be. Not for several
 * threads. */
void splice_begin(const struct cbpf_program *packet, const struct cbpf_program *buffer,
		  const ProgramKind *kind);
void splice_end(void);

#endif /* XDPSHARK_SPLICE_H */
