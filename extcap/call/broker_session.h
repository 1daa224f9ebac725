/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked of the sessions in xdpshark-hookd: a session is the capture of one point.
 */
#ifndef XDPSHARK_BROKER_SESSION_H
#define XDPSHARK_BROKER_SESSION_H

#include <glib.h>

#include "broker.h"
#include "rings.h"
#include "session_call.h"

/* A session in xdpshark-hookd. Free it before its broker. */
typedef struct BrokerSession BrokerSession;
BrokerSession *broker_session_open(Broker *broker, const SessionRequest *request, GError **error);
/* The same without waiting for the answer: FALSE if another one is outstanding. Then the session,
 * or NULL with error; of domain BROKER_ERROR as from broker_take_news(). */
gboolean broker_session_ask(Broker *broker, const SessionRequest *request);
BrokerSession *broker_session_take(Broker *broker, GError **error);
const Rings *broker_session_rings(const BrokerSession *session);
/* Counts all that were opened, also those that are freed already: xdpshark-hookd keeps them. */
guint broker_session_number(const BrokerSession *session);
/* Attaches all sessions (BrokerSession *), or none with error. */
gboolean broker_sessions_attach(const GPtrArray *sessions, GError **error);
/* See session_move(). */
gboolean broker_session_move(BrokerSession *session, guint32 id, guint64 *ret_since,
			     GError **error);
/* After this, rings and counters no longer change, and broker_session_attachment() returns the
 * final account. FALSE if xdpshark-hookd has ended or does not answer: the programs are still in
 * the slots then. */
gboolean broker_sessions_detach(const GPtrArray *sessions, GError **error);
/* What numbers in its records stand for, as far as it was not said before (SessionName *). */
GPtrArray *broker_session_names(const BrokerSession *session, GError **error);
/* All zero before broker_sessions_detach(). */
const Attachment *broker_session_attachment(const BrokerSession *session);
void broker_session_free(BrokerSession *session);

/* Changes a session that is attached; see session_change(). Does not wait for the answer. FALSE
 * if another one is outstanding, so that it must be asked later. */
gboolean broker_session_change(BrokerSession *session, const SessionRequest *change);

/* Reads the answer to that, and waits for it if need be. An error of domain BROKER_ERROR is as from
 * broker_take_news(), any other one says why nothing has changed. */
gboolean broker_take_change(Broker *broker, GError **error);

/* Asks what has become of the sessions' points. Does not wait for the answer, since the rings must
 * be read meanwhile. wanted: numbers (guint) of the sessions for which the users of the point
 * should be reported soon, even if they have not changed. Does nothing while an answer is
 * outstanding, to this or to a change. */
void broker_look(Broker *broker, const GArray *wanted);

/* Reads that answer: a SessionNews * for each session, by its number. Call
 * it when broker_fd() is readable. NULL if xdpshark-hookd has ended: then a capture must end,
 * too. */
GPtrArray *broker_take_news(Broker *broker, GError **error);

#endif /* XDPSHARK_BROKER_SESSION_H */
