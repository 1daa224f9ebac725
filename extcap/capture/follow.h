/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells what becomes of the point of a running capture, and goes on with the point that is pinned
 * in its place, if the user wants that.
 */
#ifndef XDPSHARK_FOLLOW_H
#define XDPSHARK_FOLLOW_H

#include <glib.h>

#include "broker.h"
#include "point.h"
#include "session_call.h"

/* A line for the user. G_LOG_LEVEL_WARNING: the capture may miss packets that the user expects. */
typedef void FollowTell(GLogLevelFlags level, const char *text, gpointer data);

/* One for each session. wanted: --follow. */
typedef struct Follow Follow;
Follow *follow_new(gboolean wanted, FollowTell *tell, gpointer data);
void follow_free(Follow *follow);

/* Takes in what is new; point is what was known before. Returns the point as it is now, for packets
 * from *ret_from on (monotonic, in ns; 0: for all that come), or NULL if nothing has changed in it.
 * With error the capture cannot go on. */
Point *follow_news(Follow *follow, BrokerSession *session, const Point *point, SessionNews *news,
		   guint64 *ret_from, GError **error);

#endif /* XDPSHARK_FOLLOW_H */
