/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a running capture prints on standard error and in the log: messages, and counts while it
 * runs and at the end.
 */
#ifndef XDPSHARK_REPORT_H
#define XDPSHARK_REPORT_H

#include <glib.h>

#include "point.h"
#include "pump.h"

/* Takes a line for the user. G_LOG_LEVEL_WARNING: the capture may miss packets that the user
 * expects. */
typedef void ReportFunc(GLogLevelFlags level, const char *text, gpointer data);

typedef struct {
	gboolean json;		   /* print JSON, for a program */
	gboolean verbose;	   /* the log is also printed on standard error */
	gboolean status;	   /* print what is captured, and counts */
	gboolean quiet;		   /* of the messages, print only warnings */
	const GPtrArray *detached; /* Detached *, of each session */
} Report;

/* Makes standard error a sink, so that nobody waits for it. */
void report_never_wait(const Report *report);

/* Prints a line about the capture for the user, and logs it. A ReportFunc; report is a Report *. */
void report_message(GLogLevelFlags level, const char *text, gpointer report);

/* Prints a line for each point when the capture begins. */
void report_start(const Report *report, const Stream *stream, guint sessions);

/* Prints where the same packets can be had for less. */
void report_hooks(const Report *report, const Stream *stream, guint sessions);

/* Prints the counts of all sessions if report->status is set. final: no more will follow. */
void report_counts(const Report *report, const Pump *pump, gboolean final);

#endif /* XDPSHARK_REPORT_H */
