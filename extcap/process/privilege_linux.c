// SPDX-License-Identifier: GPL-2.0-or-later
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static gboolean is_root(void)
{
	uid_t real, effective, saved;

	return getresuid(&real, &effective, &saved) < 0 || real == 0 || effective == 0 ||
	       saved == 0;
}

/* True if there is no way back. */
static gboolean has_become(const PrivilegeAccount *account)
{
	uid_t uids[3];
	gid_t gids[3];

	if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
	    getresgid(&gids[0], &gids[1], &gids[2]) < 0)
		return FALSE;
	errno = EPERM;
	for (gsize i = 0; i < G_N_ELEMENTS(uids); i++)
		if (uids[i] != account->uid || gids[i] != account->gid)
			return FALSE;
	return getgroups(0, NULL) == 0;
}

static gboolean change_user(const PrivilegeAccount *account, GError **error)
{
	if (account->uid == 0 || !is_root())
		return TRUE;
	/* Groups first, while that is still allowed. */
	if (setgroups(0, NULL) == 0 && setresgid(account->gid, account->gid, account->gid) == 0 &&
	    setresuid(account->uid, account->uid, account->uid) == 0 && has_become(account))
		return TRUE;
	g_set_error(error, PRIVILEGE_ERROR, 0,
		    "cannot give up being root and become the user with id %u: %s", account->uid,
		    g_strerror(errno));
	return FALSE;
}

/* The capabilities are what was put together, and no program that is run brings others. */
static gboolean apply(GError **error)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && capng_apply(CAPNG_SELECT_CAPS) == 0)
		return TRUE;
	g_set_error(error, PRIVILEGE_ERROR, 0, "cannot drop privileges: %s", g_strerror(errno));
	return FALSE;
}

gboolean privilege_drop(const PrivilegeAccount *account, GError **error)
{
	if (!change_user(account, error))
		return FALSE;
	capng_clear(CAPNG_SELECT_CAPS);
	return apply(error);
}

gboolean privilege_keep_files(GError **error)
{
	gboolean override = capng_have_capability(CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE) > 0;

	capng_clear(CAPNG_SELECT_CAPS);
	if (override)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	return apply(error);
}

void privilege_end_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}
