/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's end of xdpshark-hookd, the small program that has the privilege to see hooks and to
 * capture: starts it, calls it, and notices when it ends. It gives all slots back when this process
 * ends, for whatever reason.
 */
#ifndef XDPSHARK_BROKER_H
#define XDPSHARK_BROKER_H

#include <glib.h>

#include "finding.h"
#include "point.h"
#include "rings.h"
#include "session_call.h"

#define BROKER_ERROR (broker_error_quark())
GQuark broker_error_quark(void);
typedef enum {
	BROKER_ERROR_PERMISSION, /* we are not allowed to run it */
	BROKER_ERROR_FAILED,	 /* it is not installed, or has ended */
	BROKER_ERROR_SILENT,	 /* it did not answer; later calls fail at once */
} BrokerError;

/* One xdpshark-hookd, started by the first call or by broker_start(). */
typedef struct Broker Broker;
Broker *broker_new(void);
void broker_free(Broker *broker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Broker, broker_free)
gboolean broker_start(Broker *broker, GError **error);

/* Each call has a time limit. Once this descriptor (-1: none) becomes readable, somebody wants to
 * end, and a call waits for a few more seconds at most. */
void broker_set_cancel(Broker *broker, int fd);

/* What xdpshark-hookd finds out about the machine: a Finding * for each of the names (FINDING_...),
 * or for all if names is NULL. */
GPtrArray *broker_examine(Broker *broker, const char *const *names, GError **error);

/* All points (Point *) of a source type, or of all types if it is NULL. broker_survey() also
 * returns what cannot be captured: programs attached to devices that lead to no hook, as points
 * without an address. See list() in hookd/source.h. */
GPtrArray *broker_list_points(Broker *broker, const SourceType *type, GError **error);
GPtrArray *broker_survey(Broker *broker, const SourceType *type, GPtrArray **ret_hookless,
			 GError **error);

/* The points (Point *) at these addresses (PointAddress *), in the same order. */
GPtrArray *broker_open_points(Broker *broker, const GPtrArray *addresses, GError **error);
Point *broker_open_point(Broker *broker, PointAddress *address, GError **error);

/* See program_check_filter(). */
gboolean broker_check_filter(Broker *broker, const struct sock_filter *filter, gsize length,
			     GError **error);

/* See match_new() and match_run(). The filter applies to all packets from now on. packets is of
 * CALL_PACKETS_TYPE (a floating reference is sunk); the result is an array with a guint32 for each
 * packet. */
gboolean broker_open_match(Broker *broker, const struct sock_filter *filter, gsize length,
			   GError **error);
GVariant *broker_run_match(Broker *broker, GVariant *packets, GError **error);

/* A session in xdpshark-hookd. Free it before its broker. */
typedef struct BrokerSession BrokerSession;
BrokerSession *broker_session_open(Broker *broker, const SessionRequest *request, GError **error);
const Rings *broker_session_rings(const BrokerSession *session);
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

/* Whether the answer to that is outstanding; and reads it, which waits for it if need be. An error
 * of domain BROKER_ERROR is as from broker_take_news(), any other one says why nothing has
 * changed. */
gboolean broker_is_changing(const Broker *broker);
gboolean broker_take_change(Broker *broker, GError **error);

/* Asks what has become of the sessions' points. Does not wait for the answer, since the rings must
 * be read meanwhile. wanted: numbers (guint) of the sessions for which the users of the point
 * should be reported soon, even if they have not changed. Does nothing while an answer is
 * outstanding, to this or to a change. */
void broker_look(Broker *broker, const GArray *wanted);

/* Whether an outstanding answer came while another call was made: then nothing becomes readable. */
gboolean broker_has_answer(const Broker *broker);

/* Reads that answer: a SessionNews * for each session, in the order in which they were opened. Call
 * it when broker_fd() is readable. NULL if xdpshark-hookd has ended: then a capture must end,
 * too. */
GPtrArray *broker_take_news(Broker *broker, GError **error);

/* Becomes readable when there is news, or when xdpshark-hookd has ended. */
int broker_fd(const Broker *broker);

#endif /* XDPSHARK_BROKER_H */
