/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long filter expressions, compiled piece by piece.
 *
 * libpcap's time grows with the third power of an expression's length, even without its optimiser:
 * 4 s for `host A or host B or ...` of 1,000 hosts, 29 s for 2,000. Its unoptimised code for `X or
 * Y` is that of X, continuing with that of Y where X does not match. So a list of self-contained
 * primitives can be compiled in pieces, in linear time, and so can one in `tcp and not (...)`.
 * libpcap gets everything else as a whole.
 */
#ifndef XDPSHARK_EXPRESSION_H
#define XDPSHARK_EXPRESSION_H

#include <glib.h>
#include <linux/filter.h>

/* Appends the classic program for text to code (struct sock_filter); FALSE if that fails. */
typedef gboolean ExpressionCompile(const char *text, GArray *code, gpointer data);

/* Compiles text with compile, in pieces where that changes nothing. NULL if compile fails for the
 * whole text; this is then the last call of it. */
GArray *expression_compile(const char *text, ExpressionCompile *compile, gpointer data);

#endif /* XDPSHARK_EXPRESSION_H */
