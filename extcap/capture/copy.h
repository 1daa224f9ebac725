/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written goes to a second reader as well, which prints it. The capture does not wait for
 * that: packets that would pile up are left out there, and counted.
 */
#ifndef XDPSHARK_COPY_H
#define XDPSHARK_COPY_H

#include <glib.h>

#include "output.h"

typedef struct Copy Copy;

/* Takes over output, a pipe. */
Copy *copy_new(Output *output);
void copy_free(Copy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Copy, copy_free)

/* Takes what is pending in the output of the capture, pcapng, and was not taken yet, and writes as
 * much as the reader takes now. */
void copy_take(Copy *copy, const Output *output);

/* Writes the rest, for so long at most. Returns the number of packets that were left out. */
guint64 copy_finish(Copy *copy, guint limit_ms);

#endif /* XDPSHARK_COPY_H */
