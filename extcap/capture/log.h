/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where GLib's log messages go: to a file, to standard error for people who asked, or nowhere.
 * Standard error is Wireshark's error dialog.
 */
#ifndef XDPSHARK_LOG_H
#define XDPSHARK_LOG_H

#include <glib.h>

/* Keeps messages from the level on (G_LOG_LEVEL_INFO, say): appended to the file if path is not
 * NULL (created with mode 0600, and a sink), and on standard error with verbose. */
gboolean log_open(const char *path, GLogLevelFlags level, gboolean verbose, GError **error);

#endif /* XDPSHARK_LOG_H */
