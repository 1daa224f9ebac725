/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts xdpshark-hookd.
 */
#ifndef XDPSHARK_LAUNCH_H
#define XDPSHARK_LAUNCH_H

#include <glib.h>
#include <sys/types.h>

/* *It serves *ret_socket, and ends when that is closed. The child is not waited for. Errors are of
 * BROKER_ERROR. */
gboolean launch_hookd(int *ret_socket, pid_t *ret_pid, GError **error);

#endif /* XDPSHARK_LAUNCH_H */
