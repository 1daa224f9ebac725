/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the reader waits between two looks at the rings: less while much comes, longer while
 * little does. When nothing has come for a while, it sleeps until it is woken.
 */
#ifndef XDPSHARK_PACE_H
#define XDPSHARK_PACE_H

#include <glib.h>

/* Between two looks, in us. A look costs about 10 us of CPU time, several times that in a virtual
 * machine. A packet must be written within 20 ms. */
#define PACE_MIN 1000
#define PACE_MAX 10000

/* After this time without a packet, in us, the reader sleeps. */
#define PACE_QUIET 20000

/* What a look has found. */
typedef struct {
	gsize bytes;	 /* in all rings */
	gdouble fullest; /* of the fullest ring, the part that is filled */
} PaceLoad;

typedef struct {
	guint interval; /* in us */
	guint quiet;	/* since the last packet, in us */
} Pace;

void pace_init(Pace *pace);

/* Call it after a look found packets and all of them were read: returns how long to wait, in us. */
guint pace_wait(Pace *pace, PaceLoad load);

/* The same after a look found nothing. After PACE_QUIET it is time to sleep. */
guint pace_wait_empty(Pace *pace);
gboolean pace_is_quiet(const Pace *pace);

#endif /* XDPSHARK_PACE_H */
