/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long filter expressions, compiled piece by piece.
 *
 * libpcap's time grows with the third power of an expression's length, even without its optimiser:
 * 4 s for `host A or host B or ...` of 1,000 hosts, 29 s for 2,000. The code that it makes of `X or
 * Y` without optimising is that of X, going on to that of Y where X does not match; so pieces can
 * be compiled apart and put together to the same program, in a time that grows with the length.
 */
#ifndef XDPSHARK_EXPRESSION_H
#define XDPSHARK_EXPRESSION_H

#include <glib.h>
#include <linux/filter.h>

/* Appends the classic program of a piece of text to code (struct sock_filter); FALSE stops. */
typedef gboolean ExpressionCompile(const char *text, GArray *code, gpointer data);

/* Compiles text with compile, in pieces where that changes nothing. NULL if a piece failed. */
GArray *expression_compile(const char *text, ExpressionCompile *compile, gpointer data);

#endif /* XDPSHARK_EXPRESSION_H */
