/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop of a capture, from taking the slots to giving them back: looks at the rings,
 * writes, and waits for whatever may end it.
 */
#ifndef XDPSHARK_LOOP_H
#define XDPSHARK_LOOP_H

#include <glib.h>
#include <sys/types.h>

#include "adoption.h"
#include "broker_session.h"
#include "control.h"
#include "pump.h"
#include "report.h"
#include "session_changes.h"

typedef struct {
	Broker *broker;
	const Pump *pump;
	const GPtrArray *sessions; /* BrokerSession *; adoption adds more */
	const GPtrArray *follows;  /* Follow *, of each */
	const GPtrArray *filters;  /* PointFilter *, of each */
	const GPtrArray *detached; /* Detached *, of each */
	Adoption *adoption;
	SessionChanges *changes;  /* of the only session; NULL: it cannot be changed */
	Control *control;	  /* takes what standard input brings; NULL: nobody does */
	const GPtrArray *remotes; /* RemoteInput * */
	const Report *report;
	gboolean each_second; /* report the counts each second, not only at the end */
	gdouble duration;     /* seconds; 0: no limit */
	gdouble alive;	      /* seconds without standard input; 0: no limit */
	int signal_fd;	      /* of the signals that end it: signals.h */
	pid_t parent; /* the process that started us, with which the capture ends; 0: none */
} LoopTask;

typedef struct {
	gboolean closed; /* the output's reader has gone away */
	GError *failure; /* the output failed */
	GError *end;	 /* the capture cannot go on, but what was captured can still be written */
} LoopEnd;

/* Returns when something has ended the capture, and why in *end, which must be empty before. */
void loop_run(const LoopTask *task, LoopEnd *ret_end);

#endif /* XDPSHARK_LOOP_H */
