/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts xdpshark-hookd.
 */
#ifndef XDPSHARK_LAUNCH_H
#define XDPSHARK_LAUNCH_H

#include <glib.h>
#include <sys/types.h>

/* *ret_socket leads to it; when that is closed it ends. It is not waited for. Errors are
 * BROKER_ERROR. */
gboolean launch_hookd(int *ret_socket, pid_t *ret_pid, GError **error);

#endif /* XDPSHARK_LAUNCH_H */
