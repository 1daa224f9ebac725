/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture consists of, for the files that open it (capture_open.c) and run it (capture.c).
 */
#ifndef XDPSHARK_CAPTURE_STATE_H
#define XDPSHARK_CAPTURE_STATE_H

#include <glib.h>

#include "adoption.h"
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
	gsize ring_size;     /* of each CPU, for each point */
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
	Adoption *adoption;
	SessionChanges *changes; /* NULL: nobody wants to change it */
};

/* Open files for each point. */
#define CAPTURE_POINT_FILES RINGS_FDS

/* The steps by which a point comes to a capture, in this order. What to ask xdpshark-hookd for: the
 * request needs point and the last one of the filters, which is the point's. */
gboolean capture_prepare(Capture *capture, const Point *point, SessionRequest *ret_request,
			 GError **error);
/* Takes over the session. The following two are for the last one. */
void capture_add_session(Capture *capture, BrokerSession *session, const SessionRequest *request);
/* Takes over the session's point, from which the packets' comments are made. */
void capture_add_to_stream(Capture *capture, Point *point);
gboolean capture_add_to_reader(const Capture *capture, GError **error);

#endif /* XDPSHARK_CAPTURE_STATE_H */
