/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Makes classic programs of any length, of shapes that are hard on some pass. */
#ifndef TESTS_CORE_SHAPE_H
#define TESTS_CORE_SHAPE_H

#include <glib.h>
#include <linux/filter.h>

/* Room for the instructions by which a shape may exceed most. */
#define SHAPE_SPARE 64

typedef struct {
	struct sock_filter *code; /* room for most + SHAPE_SPARE */
	gsize length, most;	  /* number of instructions, and how many are wanted */
} ShapeCode;

typedef struct {
	const gchar *name;
	void (*make)(ShapeCode *code);
	gboolean libpcap;  /* ends in libpcap too, with the same result */
	gboolean exhausts; /* takes too much work, if it is long */
} Shape;

extern const Shape shapes[];
extern const gsize shape_count;

#endif
