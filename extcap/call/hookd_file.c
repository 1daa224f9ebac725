// SPDX-License-Identifier: GPL-2.0-or-later
#include "hookd_file.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef _GNU_SOURCE
#include <sys/xattr.h>
#endif

#include "place.h"

/* In the folder of our own program if it is there, as in a build; otherwise where it is
 * installed. */
char *hookd_file_path(void)
{
	g_autofree char *beside = place_of("xdpshark-hookd");

	if (g_file_test(beside, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&beside);
	return place_of(XDPSHARK_HOOKD_PLACE);
}

typedef enum {
	USERS_ROOT, /* the file carries no privilege, or only root may run it */
	USERS_GROUP,
	USERS_ALL,
} Users;

static gboolean has_capabilities(const char *path)
{
#ifdef _GNU_SOURCE
	return getxattr(path, "security.capability", NULL, 0) > 0;
#else
	(void)path;
	return FALSE;
#endif
}

static Users read_users(const char *path, char **ret_group)
{
	struct stat status;
	const struct group *group;

	*ret_group = NULL;
	if (stat(path, &status) < 0 || (!has_capabilities(path) && !(status.st_mode & S_ISUID)))
		return USERS_ROOT;
	if (status.st_mode & S_IXOTH)
		return USERS_ALL;
	if (!(status.st_mode & S_IXGRP) || status.st_gid == 0)
		return USERS_ROOT;
	group = getgrgid(status.st_gid);
	*ret_group = group ? g_strdup(group->gr_name) : g_strdup_printf("%u", status.st_gid);
	return USERS_GROUP;
}

char *hookd_file_users(const char *path)
{
	g_autofree char *group = NULL;

	switch (read_users(path, &group)) {
	case USERS_GROUP:
		return g_strdup_printf("root and the members of the group %s", group);
	case USERS_ALL:
		return g_strdup("every user");
	default:
		return g_strdup("root");
	}
}

char *hookd_file_group(const char *path)
{
	char *group;

	read_users(path, &group);
	return group;
}

/* In containers a user may have a number only. GLib's name for such a one is "somebody". */
char *hookd_file_join(const char *group)
{
	const struct passwd *user = getpwuid(getuid());

	return g_strdup_printf("sudo usermod -aG %s %s", group, user ? user->pw_name : "USER");
}

char *hookd_file_remedy(const char *path)
{
	g_autofree char *group = NULL, *join = NULL;

	if (read_users(path, &group) == USERS_GROUP && access(path, X_OK) < 0) {
		join = hookd_file_join(group);
		return g_strdup_printf("%s, then log in again", join);
	}
	return g_strdup("run as root, or install xdpshark for a group (docs/security.md)");
}
