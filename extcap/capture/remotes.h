/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All other hosts of a capture. One that fails is reported, and the others go on.
 */
#ifndef XDPSHARK_REMOTES_H
#define XDPSHARK_REMOTES_H

#include <glib.h>

#include "pump.h"
#include "remote_input.h"

/* RemoteInput *, for RemoteHost *; NULL with error. */
GPtrArray *remotes_new(const GPtrArray *hosts, const RemoteRequest *request, GError **error);

/* Waits until their captures have begun, but not for those that take a second longer than the
 * others. FALSE if all have failed. */
gboolean remotes_await(const GPtrArray *remotes, GError **error);

/* To change the capture of the only one; NULL if there are several, or if it does not offer that.
 */
Changes *remotes_changes(const GPtrArray *remotes);

/* Each second. */
void remotes_check(const GPtrArray *remotes);
/* Whether all have ended; FALSE if there are none. */
gboolean remotes_have_ended(const GPtrArray *remotes);

/* Their captures are to end. */
void remotes_stop(const GPtrArray *remotes);
/* Waits for their last packets and statistics. */
void remotes_finish(const GPtrArray *remotes, guint limit_ms, PumpCancelled *is_cancelled,
		    gpointer data);

/* FALSE if any of them has failed. */
gboolean remotes_examine(const GPtrArray *remotes, GError **error);

#endif /* XDPSHARK_REMOTES_H */
