/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Makes classic programs of any length, of shapes that are hard on one of the passes. */
#ifndef TESTS_CORE_SHAPE_H
#define TESTS_CORE_SHAPE_H

#include <glib.h>
#include <linux/filter.h>

/* Room for the instructions that a shape makes beyond most before it notices. */
#define SHAPE_SPARE 64

typedef struct {
	struct sock_filter *code; /* room for most + SHAPE_SPARE */
	gsize length, most;	  /* instructions, and how many there are to be */
} ShapeCode;

typedef struct {
	const gchar *name;
	void (*make)(ShapeCode *code);
	gboolean libpcap;  /* ends there, and means the same */
	gboolean exhausts; /* made to need too much work, if it is long */
} Shape;

extern const Shape shapes[];
extern const gsize shape_count;

#endif
