/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture consists of, for the files that open it (capture_open.c) and run it (capture.c).
 */
#ifndef XDPSHARK_CAPTURE_STATE_H
#define XDPSHARK_CAPTURE_STATE_H

#include <glib.h>

#include "broker_session.h"
#include "capture.h"
#include "clock.h"
#include "loop.h"
#include "privilege.h"
#include "pump.h"
#include "reader.h"
#include "report.h"
#include "session_changes.h"
#include "stream.h"

struct Capture {
	Broker *broker;
	CaptureRequest request;
	GPtrArray *sessions; /* BrokerSession * */
	GPtrArray *follows;  /* Follow *, of each */
	GPtrArray *filters;  /* PointFilter *, likewise */
	GPtrArray *detached; /* Detached *, likewise */
	Reader *reader;
	GPtrArray *remotes; /* RemoteInput *, of other hosts */
	GPtrArray *inputs;  /* Input *: the reader's, and these */
	guint64 latest;	    /* see InputRun */
	Clock *clock;
	Stream *stream;
	Report report;
	PrivilegeAccount account; /* whom root's process becomes */
	/* while running */
	Pump pump;
	int signal_fd;
	LoopEnd end;
	SessionChanges *changes; /* NULL: nobody wants to change it */
};

#endif /* XDPSHARK_CAPTURE_STATE_H */
