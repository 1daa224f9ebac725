/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many files this process may have open: each map, program and ring takes one.
 */
#ifndef XDPSHARK_FILE_LIMIT_H
#define XDPSHARK_FILE_LIMIT_H

#include <glib.h>

#define FILE_LIMIT_ERROR (file_limit_error_quark())
GQuark file_limit_error_quark(void);
typedef enum {
	FILE_LIMIT_ERROR_REACHED,
} FileLimitError;

/* Raises the limit as far as that is possible without privilege. */
void file_limit_raise(void);

/* FALSE unless that many more files can be opened. who, what: "xdpshark", "a capture of 9 hooks".
 * Checked once before a task, so that not every open() in it has to explain this limit. */
gboolean file_limit_check(guint more, const char *who, const char *what, GError **error);

#endif /* XDPSHARK_FILE_LIMIT_H */
