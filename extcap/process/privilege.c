// SPDX-License-Identifier: GPL-2.0-or-later
#include "privilege.h"

#include <pwd.h>

G_DEFINE_QUARK(xdpshark_privilege_error, privilege_error)

/* Accounts that own nothing, the best first. Not the caller's under sudo, who owns files and keys;
 * nor that of xdpshark-hookd, whose process it could send signals to. */
static const char *const default_names[] = { "tcpdump", "nobody" };

/* If there is no user database: the kernel's nobody (/proc/sys/kernel/overflowuid). */
#define OVERFLOW_ID 65534

gboolean privilege_find_account(const char *name, PrivilegeAccount *ret_account, GError **error)
{
	const struct passwd *entry = name ? getpwnam(name) : NULL;

	for (gsize i = 0; !name && !entry && i < G_N_ELEMENTS(default_names); i++)
		entry = getpwnam(default_names[i]);
	if (!entry && name) {
		g_set_error(error, PRIVILEGE_ERROR, 0, "there is no user '%s'", name);
		return FALSE;
	}
	ret_account->uid = entry ? entry->pw_uid : OVERFLOW_ID;
	ret_account->gid = entry ? entry->pw_gid : OVERFLOW_ID;
	return TRUE;
}
