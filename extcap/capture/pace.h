/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the reader waits between two looks at the rings: shortly while much comes, longer while
 * little does. When nothing has come for a while, it sleeps until it is woken.
 */
#ifndef XDPSHARK_PACE_H
#define XDPSHARK_PACE_H

#include <glib.h>

/* Between two looks, in us. Each costs some 10 us of a CPU, in a virtual machine several times
 * that; a packet is to be written within 20 ms. */
#define PACE_MIN 1000
#define PACE_MAX 10000

/* So long without a packet, in us, and the reader sleeps. */
#define PACE_QUIET 20000

/* What waited at a look. */
typedef struct {
	gsize bytes;	 /* of all */
	gdouble fullest; /* part of a ring, where it is most */
} PaceLoad;

typedef struct {
	guint interval; /* in us */
	guint quiet;	/* since the last packet, in us */
} Pace;

void pace_init(Pace *pace);

/* A look found packets, and all of them are read: returns how long to wait, in us. */
guint pace_wait(Pace *pace, PaceLoad load);

/* A look found nothing, likewise. After PACE_QUIET it is time to sleep. */
guint pace_wait_empty(Pace *pace);
gboolean pace_is_quiet(const Pace *pace);

#endif /* XDPSHARK_PACE_H */
