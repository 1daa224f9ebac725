/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports what becomes of the point of a running capture and, if the user wants that, moves on to
 * the point that is pinned in its place.
 */
#ifndef XDPSHARK_FOLLOW_H
#define XDPSHARK_FOLLOW_H

#include <glib.h>

#include "broker_session.h"
#include "point.h"
#include "report.h"
#include "session_call.h"

/* One for each session. wanted: --follow. */
typedef struct Follow Follow;
Follow *follow_new(gboolean wanted, ReportFunc *report, gpointer data);
void follow_free(Follow *follow);

/* Handles news; point is what was known before. Returns the point as it is now, which applies to
 * packets from *ret_from on (monotonic, in ns; 0: to all that come), or NULL if it has not changed.
 * If error is set the capture cannot go on. */
Point *follow_news(Follow *follow, BrokerSession *session, const Point *point, SessionNews *news,
		   guint64 *ret_from, GError **error);

#endif /* XDPSHARK_FOLLOW_H */
