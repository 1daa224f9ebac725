/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of a capture of one point of this machine, which xdpshark-hookd makes.
 */
#ifndef XDPSHARK_SESSION_CHANGES_H
#define XDPSHARK_SESSION_CHANGES_H

#include <glib.h>

#include "broker_session.h"
#include "changes.h"
#include "clock.h"
#include "exclusion.h"
#include "stream.h"

/* The capture that is changed: its only point has number 0 everywhere. */
typedef struct {
	Broker *broker;
	BrokerSession *session;
	Stream *stream;
	const Clock *clock;
	GPtrArray *filters;	    /* PointFilter *, of which the first one is replaced */
	const Exclusion *exclusion; /* what is left out by every filter, or NULL */
} ChangesCapture;

/* setting: what the capture begins with. */
typedef struct SessionChanges SessionChanges;
SessionChanges *session_changes_new(const ChangesCapture *capture, const ChangesSetting *setting);
void session_changes_free(SessionChanges *changes);

Changes *session_changes_base(SessionChanges *changes);

/* To be called when the answer to BROKER_CHANGING has come, and then when no answer is
 * outstanding any more. FALSE with error if xdpshark-hookd has ended. */
gboolean session_changes_answered(SessionChanges *changes, GError **error);
void session_changes_continue(SessionChanges *changes);

/* At the end of the capture: waits for a change that xdpshark-hookd is making, and notes all of
 * them for the file. */
void session_changes_finish(SessionChanges *changes);

#endif /* XDPSHARK_SESSION_CHANGES_H */
