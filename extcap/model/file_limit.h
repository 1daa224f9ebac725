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

/* As far as it may be raised without privilege. */
void file_limit_raise(void);

/* FALSE unless so many more can be opened. who, what: "xdpshark", "a capture of 9 hooks". To be
 * asked before a task, which then needs not look for this reason wherever something is opened. */
gboolean file_limit_check(guint more, const char *who, const char *what, GError **error);

#endif /* XDPSHARK_FILE_LIMIT_H */
