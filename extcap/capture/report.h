/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture says while it runs, on standard error and in the log: messages, how it goes, and
 * at the end how it went.
 */
#ifndef XDPSHARK_REPORT_H
#define XDPSHARK_REPORT_H

#include <glib.h>

#include "point.h"
#include "pump.h"

typedef struct {
	gboolean json;		   /* lines for a program */
	gboolean verbose;	   /* the log goes to standard error as well */
	gboolean status;	   /* counts, and what is captured */
	gboolean quiet;		   /* of messages, only warnings */
	const GPtrArray *detached; /* Detached *, of each session */
} Report;

/* From now on standard error is a sink: nobody waits for it. */
void report_never_wait(const Report *report);

/* A line about the capture, for the user at once and for the log. report is a Report. */
void report_message(GLogLevelFlags level, const char *text, gpointer report);

/* That the capture has begun, with a line for each point. */
void report_start(const Report *report, const Stream *stream, guint sessions);

/* The counts of all sessions, with report->status. final: no more will follow. */
void report_counts(const Report *report, const Pump *pump, gboolean final);

#endif /* XDPSHARK_REPORT_H */
