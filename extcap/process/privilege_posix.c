// SPDX-License-Identifier: GPL-2.0-or-later
#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

/* For root these change the real, the effective and the saved id. */
static gboolean become(const PrivilegeAccount *account)
{
	return setgroups(0, NULL) == 0 && setgid(account->gid) == 0 && setuid(account->uid) == 0;
}

gboolean privilege_drop(const PrivilegeAccount *account, GError **error)
{
	if (account->uid == 0 || (getuid() != 0 && geteuid() != 0))
		return TRUE;
	if (become(account) && getuid() == account->uid && geteuid() == account->uid &&
	    setuid(0) != 0)
		return TRUE;
	g_set_error(error, PRIVILEGE_ERROR, 0,
		    "cannot give up being root and become the user with id %u: %s", account->uid,
		    g_strerror(errno));
	return FALSE;
}

gboolean privilege_keep_files(GError **error G_GNUC_UNUSED)
{
	return TRUE;
}

void privilege_end_with_parent(void)
{
}
