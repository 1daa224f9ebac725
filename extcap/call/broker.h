/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's side of xdpshark-hookd, the small program that has the privilege to see hooks and
 * to capture: starts it, asks it, and learns of its end. It gives all slots back when this process
 * ends, however.
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
	BROKER_ERROR_PERMISSION, /* we may not run it */
	BROKER_ERROR_FAILED,	 /* it is not there, or has ended */
	BROKER_ERROR_SILENT,	 /* it does not answer; nothing more is asked of it */
} BrokerError;

/* One xdpshark-hookd, which is started at the first call, or by broker_start(). */
typedef struct Broker Broker;
Broker *broker_new(void);
void broker_free(Broker *broker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Broker, broker_free)
gboolean broker_start(Broker *broker, GError **error);

/* Each call has a limit, in which xdpshark-hookd must answer. When this descriptor (-1: none)
 * becomes readable, somebody wants to end: a call then waits for some seconds more at most. */
void broker_set_cancel(Broker *broker, int fd);

/* What it finds out about the machine: Finding * for each of the names (FINDING_...), for all if
 * names is NULL. */
GPtrArray *broker_examine(Broker *broker, const char *const *names, GError **error);

/* All points of a source type, NULL: of all: Point *. The second one also gives what else there is,
 * and cannot be captured: programs on devices that lead to no hook, as points without address. See
 * list() in hookd/source.h, which these do with privilege. */
GPtrArray *broker_list_points(Broker *broker, const SourceType *type, GError **error);
GPtrArray *broker_survey(Broker *broker, const SourceType *type, GPtrArray **ret_hookless,
			 GError **error);

/* The points at these addresses (PointAddress *), in their order: Point *. */
GPtrArray *broker_open_points(Broker *broker, const GPtrArray *addresses, GError **error);
Point *broker_open_point(Broker *broker, PointAddress *address, GError **error);

/* See program_check_filter(). */
gboolean broker_check_filter(Broker *broker, const struct sock_filter *filter, gsize length,
			     GError **error);

/* See match_new() and match_run(): the filter is that for all packets from now on. packets is of
 * CALL_PACKETS_TYPE (a floating reference is taken), the result an array of one guint32 for each.
 */
gboolean broker_open_match(Broker *broker, const struct sock_filter *filter, gsize length,
			   GError **error);
GVariant *broker_run_match(Broker *broker, GVariant *packets, GError **error);

/* A session that lives in xdpshark-hookd, and is to be freed before its broker. */
typedef struct BrokerSession BrokerSession;
BrokerSession *broker_session_open(Broker *broker, const SessionRequest *request, GError **error);
const Rings *broker_session_rings(const BrokerSession *session);
/* BrokerSession *: all, or none and error. */
gboolean broker_sessions_attach(const GPtrArray *sessions, GError **error);
/* See session_move(). */
gboolean broker_session_move(BrokerSession *session, guint32 id, guint64 *ret_since,
			     GError **error);
/* After that rings and counters do not change, and broker_session_attachment() tells how it ended.
 * FALSE if xdpshark-hookd has ended or does not
 * answer, so that its programs are still in the slots. */
gboolean broker_sessions_detach(const GPtrArray *sessions, GError **error);
/* All zero before. */
const Attachment *broker_session_attachment(const BrokerSession *session);
void broker_session_free(BrokerSession *session);

/* Asks what has become of the sessions' points, and does not wait for the answer: hookd's looking
 * around must not keep the rings from being read. wanted: numbers (guint) of the sessions whose
 * point's users are to be told soon, in any case. Does nothing while an answer is outstanding. */
void broker_look(Broker *broker, const GArray *wanted);

/* The answer: SessionNews *, by session, in the order of their being opened. To be called when
 * broker_fd() is readable. NULL if xdpshark-hookd has ended: a capture must end then. */
GPtrArray *broker_take_news(Broker *broker, GError **error);

/* Becomes readable when there are news, or when xdpshark-hookd has ended. */
int broker_fd(const Broker *broker);

#endif /* XDPSHARK_BROKER_H */
