/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program's end of xdpshark-hookd, the small program that has the privilege to see hooks and to
 * capture: starts it, calls it, and notices when it ends. It gives all slots back when this process
 * ends, for whatever reason.
 */
#ifndef XDPSHARK_BROKER_H
#define XDPSHARK_BROKER_H

#include <glib.h>
#include <linux/filter.h>

#include "finding.h"
#include "point.h"

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

/* Those of a source type whose addresses a pattern matches (* and ? stand for any characters and
 * any one), also such as are too many to be listed. */
GPtrArray *broker_find_points(Broker *broker, const SourceType *type, const char *pattern,
			      GError **error);

/* The points (Point *) at these addresses (PointAddress *), in the same order; those that one
 * stands for in its place. */
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

/* Becomes readable when there is news, or when xdpshark-hookd has ended. */
int broker_fd(const Broker *broker);

/* What is asked without waiting for the answer, one at a time. */
typedef enum {
	BROKER_IDLE,
	BROKER_LOOKING,	 /* broker_look() */
	BROKER_CHANGING, /* broker_session_change() */
	BROKER_OPENING,	 /* broker_session_ask() */
} BrokerQuestion;

/* The question whose answer is outstanding. */
BrokerQuestion broker_asked(const Broker *broker);

/* Whether an outstanding answer came while another call was made: then nothing becomes readable. */
gboolean broker_has_answer(const Broker *broker);

#endif /* XDPSHARK_BROKER_H */
