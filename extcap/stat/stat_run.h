/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of "xdpshark stat": counts, and shows the counts at each interval.
 */
#ifndef XDPSHARK_STAT_RUN_H
#define XDPSHARK_STAT_RUN_H

#include <glib.h>

#include "broker.h"
#include "counting.h"
#include "view.h"

typedef struct {
	Broker *broker;
	Counting *counting;
	View *view;
	gdouble interval; /* seconds */
	guint64 count;	  /* intervals; 0: no limit */
	gdouble duration; /* seconds; 0: no limit */
	gboolean json;	  /* messages are JSON, too */
	gboolean files;	  /* the view writes files: keep what that needs of root's rights */
} StatTask;

/* Counts until a signal (INT, TERM, HUP, QUIT), a key, the end of who reads standard output, or one
 * of the limits. FALSE with error if it ended for another reason; what was counted is shown. */
gboolean stat_run(const StatTask *task, GError **error);

/* A ReportFunc: shows a line for the user. task is a StatTask *. */
void stat_report(GLogLevelFlags level, const char *text, gpointer task);

#endif /* XDPSHARK_STAT_RUN_H */
