/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the kernel refused a program, in words that name the true cause and what to do about it.
 */
#ifndef XDPSHARK_LOAD_ERROR_H
#define XDPSHARK_LOAD_ERROR_H

#include <glib.h>

#include "program_error.h"

/* For a load that failed with errno `reason` and the verifier's log ("" if there is none).
 * filter_to_blame: a filter that lets everything through was accepted in its place. */
void load_error_set(GError **error, int reason, const char *log, gboolean filter_to_blame);

/* What the kernel or its settings lack, found in the verifier's log; NULL if it is nothing known.
 * Static. */
const char *load_error_cause(const char *log);

/* TRUE with error if programs are not compiled to machine code now. */
gboolean load_error_needs_jit(GError **error);

#endif /* XDPSHARK_LOAD_ERROR_H */
