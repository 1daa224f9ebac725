/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How calls are made, for those who make them: broker.c and broker_session.c.
 */
#ifndef XDPSHARK_BROKER_CALL_H
#define XDPSHARK_BROKER_CALL_H

#include <glib.h>

#include "broker.h"

/* Makes a call; the result is of the type given. A floating reference to arguments is sunk. fds
 * gets the descriptors that come with the answer, or is NULL. */
GVariant *broker_call(Broker *broker, const char *method, GVariant *arguments, const char *type,
		      GArray *fds, GError **error);

/* Asks without waiting for the answer, of which there is one at a time: FALSE if one is
 * outstanding. */
gboolean broker_ask(Broker *broker, BrokerQuestion question, GVariant *arguments);

/* The answer to that, for which it waits if need be. fds as for broker_call(). */
GVariant *broker_take_answer(Broker *broker, BrokerQuestion question, GArray *fds, GError **error);

/* The number of the session that was just opened; xdpshark-hookd numbers them the same way. */
guint broker_number_session(Broker *broker);

#endif /* XDPSHARK_BROKER_CALL_H */
