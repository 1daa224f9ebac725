/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confines xdpshark-hookd: it sheds everything inherited from its caller, becomes an account over
 * which the caller has no power, and drops the privileges that it does not need.
 */
#ifndef XDPSHARK_CONFINE_H
#define XDPSHARK_CONFINE_H

#include <glib.h>
#include <sys/types.h>

#define CONFINE_ERROR (confine_error_quark())
GQuark confine_error_quark(void);
typedef enum {
	CONFINE_ERROR_FAILED,
} ConfineError;

/* The folder that all xdpshark-hookd on the machine share: owned by root or by the account, mode
 * 0700, on a file system that is empty after a boot. Exists after confine_begin() if /run can be
 * written to. */
#define CONFINE_FOLDER "/run/xdpshark"

/* Closes all but the socket, and resets environment, signals and timers. FALSE if this process was
 * not started by xdpshark. Must be called first. */
gboolean confine_leave_caller(void);

/* Becomes the account and drops the rest for good: see docs/security.md. If that fails, returns
 * FALSE with no privilege left, and nothing must be served. */
gboolean confine_begin(GError **error);

/* The user who started xdpshark-hookd: getuid() at the start. */
uid_t confine_caller(void);

#endif /* XDPSHARK_CONFINE_H */
