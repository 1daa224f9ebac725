/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where GLib's log messages go: to a file, to standard error if the user has asked for it, or
 * nowhere. Wireshark shows standard error in an error dialog.
 */
#ifndef XDPSHARK_LOG_H
#define XDPSHARK_LOG_H

#include <glib.h>

/* From the start of the program on: warnings go to standard error if verbose is set, else nowhere.
 */
void log_begin(gboolean verbose);

/* To be called once. Writes messages of the level (G_LOG_LEVEL_INFO, say) or a more severe one:
 * appends them to the file if path is not NULL (created with mode 0600; it is made a sink), and
 * prints them on standard error if verbose is set. */
gboolean log_open(const char *path, GLogLevelFlags level, gboolean verbose, GError **error);

/* Gets each line that goes to the log; but not those that other threads log. NULL: nobody. */
typedef void LogObserver(GLogLevelFlags level, const char *line, gpointer data);
void log_observe(LogObserver *observer, gpointer data);

#endif /* XDPSHARK_LOG_H */
