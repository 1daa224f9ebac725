// SPDX-License-Identifier: GPL-2.0-or-later
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

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
