/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture does between taking the slots and giving them back: looks at the rings, writes,
 * and listens to whoever may end it.
 */
#ifndef XDPSHARK_LOOP_H
#define XDPSHARK_LOOP_H

#include <glib.h>
#include <sys/types.h>

#include "broker.h"
#include "pump.h"
#include "report.h"

typedef struct {
	Broker *broker;
	const Pump *pump;
	const GPtrArray *sessions; /* BrokerSession * */
	const GPtrArray *follows;  /* Follow *, of each */
	const GPtrArray *filters;  /* PointFilter *, of each */
	const GPtrArray *detached; /* Detached *, of each */
	const Report *report;
	gboolean each_second; /* counts are reported, not only at the end */
	gdouble duration;     /* seconds; 0: no limit */
	int signal_fd;	      /* the signals that end it; nonblocking */
	pid_t parent;	      /* it ends with this process, which started us; 0: with none */
} LoopTask;

typedef struct {
	gboolean closed; /* the output's reader has gone away */
	GError *failure; /* the output failed */
	GError *end;	 /* it cannot go on; what was captured can be written all the same */
} LoopEnd;

/* Returns when something has ended the capture; *end, which is empty before, says more. */
void loop_run(const LoopTask *task, LoopEnd *end);

#endif /* XDPSHARK_LOOP_H */
