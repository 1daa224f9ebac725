/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who xdpshark-hookd is, and what it may still do: it leaves all that its caller gave it, becomes
 * an account that the caller has no power over, and drops what it does not need.
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

/* Of root or of the account, mode 0700, on a file system that is empty after a boot: what all
 * xdpshark-hookd of the machine share. Exists after confine_begin(), where /run can be written. */
#define CONFINE_FOLDER "/run/xdpshark"

/* Only the socket stays open; environment, signals, timers and priorities are as after a boot.
 * FALSE if this process was not started by xdpshark. To be called first. */
gboolean confine_leave_caller(void);

/* Becomes the account and drops the rest, for good: see docs/security.md. FALSE if that cannot be:
 * then no privilege is left, and nothing must be served. */
gboolean confine_begin(GError **error);

/* The user who started xdpshark-hookd, as getuid() told at the beginning. */
uid_t confine_caller(void);

#endif /* XDPSHARK_CONFINE_H */
