/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A point at which packets are counted. For stat/counting.c. */
#ifndef XDPSHARK_COUNTING_PLACE_H
#define XDPSHARK_COUNTING_PLACE_H

#include "clock.h"
#include "counting.h"
#include "detached.h"
#include "follow.h"
#include "point_filter.h"
#include "record.h"

#define COUNTING_ERROR (g_quark_from_static_string("xdpshark_counting_error"))

/* Open files for each place. */
#define COUNTING_PLACE_FILES RINGS_FDS

typedef struct {
	TallyPoint *counted; /* the tally's */
	BrokerSession *session;
	PointFilter *filter;
	Follow *follow;
	Detached *detached;
	const struct xdpshark_cpu *cpus; /* mapped */
	guint32 cpu_count;
} Place;

struct Counting {
	Broker *broker;
	CountingRequest request;
	Clock *clock;
	Tally *tally;
	GPtrArray *places; /* Place * */
	gboolean refused;  /* there are others that cannot be counted */
};

/* Loads the programs for a point, which stays the caller's if that fails. */
gboolean counting_place_open(Counting *counting, Place *place, Point *point, GError **error);
void counting_place_free(gpointer place);

#endif /* XDPSHARK_COUNTING_PLACE_H */
