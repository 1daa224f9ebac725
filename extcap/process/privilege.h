/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drops the privileges of the process.
 */
#ifndef XDPSHARK_PRIVILEGE_H
#define XDPSHARK_PRIVILEGE_H

#include <glib.h>
#include <sys/types.h>

#define PRIVILEGE_ERROR (privilege_error_quark())
GQuark privilege_error_quark(void);

/* The account that a process of root changes to; a process of any other user keeps its own. */
typedef struct {
	uid_t uid; /* 0: stays root, without capabilities */
	gid_t gid;
} PrivilegeAccount;

/* The account with this name; for NULL the one that tcpdump changes to if there is one, else
 * nobody's. FALSE if there is no account with that name. */
gboolean privilege_find_account(const char *name, PrivilegeAccount *ret_account, GError **error);

/* Drops for good: root's identity with its groups, all capabilities, and the means to gain others
 * by running programs. Open files stay open. No other thread may have been started. If this fails,
 * the process must end. */
gboolean privilege_drop(const PrivilegeAccount *account, GError **error);

/* Drops all but what is needed to write into folders of others, for a process that reads no
 * packets. If this fails, the process must end. */
gboolean privilege_keep_files(GError **error);

/* This process ends with the one that has started it, where the system can see to that. */
void privilege_end_with_parent(void);

#endif /* XDPSHARK_PRIVILEGE_H */
