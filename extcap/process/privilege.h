/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up what the process is allowed to do.
 */
#ifndef XDPSHARK_PRIVILEGE_H
#define XDPSHARK_PRIVILEGE_H

#include <glib.h>
#include <sys/types.h>

#define PRIVILEGE_ERROR (privilege_error_quark())
GQuark privilege_error_quark(void);

/* Whom a process of root's becomes; one of another user stays that user's. */
typedef struct {
	uid_t uid; /* 0: it stays root's, without capabilities */
	gid_t gid;
} PrivilegeAccount;

/* The account with this name, or with NULL the one to which tcpdump changes where there is one, or
 * else nobody's. FALSE if there is none with that name. */
gboolean privilege_find_account(const char *name, PrivilegeAccount *ret_account, GError **error);

/* Drops for good: root's identity with its groups, every capability, and the way to gain others by
 * running programs. What is open stays open. No other thread may have been started. FALSE if that
 * is not possible, after which the process must end. */
gboolean privilege_drop(const PrivilegeAccount *account, GError **error);

#endif /* XDPSHARK_PRIVILEGE_H */
