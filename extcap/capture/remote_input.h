/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of another host, as an input: a connection to it, over which xdpshark there sends
 * pcapng.
 */
#ifndef XDPSHARK_REMOTE_INPUT_H
#define XDPSHARK_REMOTE_INPUT_H

#include <glib.h>

#include "changes.h"
#include "input.h"
#include "option.h"
#include "remote_host.h"
#include "report.h"

typedef struct RemoteInput RemoteInput;

typedef struct {
	const OptionValues *options;
	const char *filter; /* NULL or "": every packet */
	ReportFunc *report;
	gpointer data;
	gboolean alone; /* the only input: its error is that of the capture, and not reported */
} RemoteRequest;

/* Begins to connect. What request points to must outlive it. */
RemoteInput *remote_input_new(const RemoteHost *host, const RemoteRequest *request, GError **error);
void remote_input_free(RemoteInput *remote);

Input *remote_input_base(RemoteInput *remote);
const char *remote_input_label(const RemoteInput *remote);

/* Its capture has begun; it has ended, and *ret_error (owned by it, NULL: none) is why. */
gboolean remote_input_has_begun(const RemoteInput *remote);
gboolean remote_input_has_ended(const RemoteInput *remote, const GError **ret_error);

/* To change its capture; NULL unless it offers that. Its own. */
Changes *remote_input_changes(const RemoteInput *remote);

/* To be called each second: has there been a sign of life from the host? */
void remote_input_check(RemoteInput *remote);

/* Its capture is to end; what it has captured still comes. */
void remote_input_stop(RemoteInput *remote);

/* Does not wait for the end any more. */
void remote_input_give_up(RemoteInput *remote);

#endif /* XDPSHARK_REMOTE_INPUT_H */
