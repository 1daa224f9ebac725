/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How xdpshark-hookd answers the calls that open sessions, and those about open ones (call.h). All
 * of them are as request_answer() says.
 */
#ifndef XDPSHARK_REQUEST_SESSION_H
#define XDPSHARK_REQUEST_SESSION_H

#include "request.h"

#define HOOKD_ERROR (g_quark_from_static_string("xdpshark_hookd_error"))

GVariant *request_open_session(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
GVariant *request_attach_sessions(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
GVariant *request_detach_sessions(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
GVariant *request_move_session(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
GVariant *request_change_session(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
GVariant *request_look(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
GVariant *request_names(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);

/* Of a filter, in instructions. */
gboolean request_check_length(gsize length, GError **error);

/* Linux 6.18 has hung for good when thousands of programs were freed at once, which happens after a
 * grace period. This waits for one. */
void request_wait_for_kernel(void);

#endif /* XDPSHARK_REQUEST_SESSION_H */
