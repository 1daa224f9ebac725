/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explains why the kernel refused a program: the real cause, and what to do about it.
 */
#ifndef XDPSHARK_LOAD_ERROR_H
#define XDPSHARK_LOAD_ERROR_H

#include <glib.h>

#include "program_error.h"

/* Sets the error for a load that failed with errno `reason` and the verifier's log ("" if there is
 * none). filter_to_blame: a filter that accepts everything could be loaded. */
void load_error_set(GError **error, int reason, const char *log, gboolean filter_to_blame);

/* What the kernel or its settings lack, according to the verifier's log; NULL if that is unknown.
 * Static. */
const char *load_error_cause(const char *log);

/* TRUE with error if programs are currently not compiled to machine code. */
gboolean load_error_needs_jit(GError **error);

#endif /* XDPSHARK_LOAD_ERROR_H */
