/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts packets at points without copying them: sessions whose programs only count. They share
 * slots, follow replaced hooks and notice that they were detached like those of captures.
 */
#ifndef XDPSHARK_COUNTING_H
#define XDPSHARK_COUNTING_H

#include <glib.h>

#include "broker.h"
#include "report.h"
#include "tally.h"

typedef struct {
	const GPtrArray *points; /* PointAddress *; NULL: all that can be counted */
	const char *filter;	 /* "": every packet */
	const char *actions;	 /* names, separated by commas; NULL: all */
	gboolean follow;
	gboolean share_foreign;
	gboolean unproven;
	ReportFunc *report; /* gets lines for the user */
	gpointer data;
} CountingRequest;

typedef struct Counting Counting;

/* Loads the programs. What request points to must outlive it. If no points were named, those that
 * cannot be counted are reported, and at least one is left. */
Counting *counting_new(Broker *broker, const CountingRequest *request, GError **error);
void counting_free(Counting *counting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Counting, counting_free)

/* Puts the programs into place. */
gboolean counting_attach(Counting *counting, GError **error);

/* Reads the counters. */
const Tally *counting_look(Counting *counting);

/* Samples the clock and asks what has become of the points: once a second. The answer comes to
 * broker_fd(). */
void counting_ask(Counting *counting);
/* Reads that answer. FALSE with error if counting cannot go on. */
gboolean counting_take_news(Counting *counting, GError **error);

/* Takes the programs away. Counters are exact then. FALSE with error if that failed, or if what was
 * counted lacks packets at the end. */
gboolean counting_detach(Counting *counting, GError **error);

#endif /* XDPSHARK_COUNTING_H */
