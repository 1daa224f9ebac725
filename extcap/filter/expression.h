/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long filter expressions, compiled piece by piece.
 *
 * libpcap's time grows with the third power of an expression's length, even without its optimiser:
 * 4 s for `host A or host B or ...` of 1,000 hosts, 29 s for 2,000. The code that it makes of `X or
 * Y` without optimising is that of X, going on to that of Y where X does not match; so a list of
 * primitives that each stand for themselves can be compiled in pieces, in a time that grows with
 * its length, and so can one in `tcp and not (...)`. Everything else libpcap gets as a whole.
 */
#ifndef XDPSHARK_EXPRESSION_H
#define XDPSHARK_EXPRESSION_H

#include <glib.h>
#include <linux/filter.h>

/* Appends the classic program of a text to code (struct sock_filter); FALSE if that fails. */
typedef gboolean ExpressionCompile(const char *text, GArray *code, gpointer data);

/* Compiles text with compile, in pieces where that changes nothing. NULL if compile fails for the
 * whole text, which is then the last that it was given. */
GArray *expression_compile(const char *text, ExpressionCompile *compile, gpointer data);

#endif /* XDPSHARK_EXPRESSION_H */
