// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <string.h>

/* Both versions of control groups: cgroups(7). */
typedef struct {
	const char *controllers; /* in field 2 of a line of /proc/PID/cgroup */
	const char *mount;
	const char *limit;
	const char *usage;
	const char *inactive; /* key in memory.stat for pages of files that can be dropped */
} Hierarchy;

static const Hierarchy hierarchies[] = {
	{ "", "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file" },
	{ "", "/sys/fs/cgroup/unified", "memory.max", "memory.current", "inactive_file" },
	{ "memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
	  "total_inactive_file" },
};

static char *read_file(const char *root, const char *folder, const char *name)
{
	g_autofree char *path = g_strconcat(root, folder, "/", name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* Finds the number after "KEY" and white space or a colon at the start of a line. FALSE if there is
 * none. */
static gboolean find_number(const char *text, const char *key, guint64 *ret_number)
{
	gsize length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) != 0 || !strchr(": ", line[length]))
			continue;
		line += length;
		*ret_number = g_ascii_strtoull(line + strspn(line, ": "), NULL, 10);
		return TRUE;
	}
	return FALSE;
}

static gboolean read_number(const char *root, const char *folder, const char *name,
			    guint64 *ret_number)
{
	g_autofree char *text = read_file(root, folder, name);

	if (!text || !g_ascii_isdigit(text[0])) /* "max" */
		return FALSE;
	*ret_number = g_ascii_strtoull(text, NULL, 10);
	return TRUE;
}

/* What is left in a group; G_MAXUINT64 if it has no limit. */
static guint64 group_left(const char *root, const char *folder, const Hierarchy *hierarchy)
{
	g_autofree char *statistics = read_file(root, folder, "memory.stat");
	guint64 limit, usage, inactive = 0;

	if (!read_number(root, folder, hierarchy->limit, &limit) ||
	    !read_number(root, folder, hierarchy->usage, &usage))
		return G_MAXUINT64;
	if (statistics)
		find_number(statistics, hierarchy->inactive, &inactive);
	usage -= MIN(usage, inactive);
	return limit - MIN(limit, usage);
}

/* Lowers *left to what is left in a group or in one of its parents. */
static void look_at_groups(const char *root, const char *path, const Hierarchy *hierarchy,
			   guint64 *left, char **where)
{
	g_autofree char *group = g_strdup(path);

	for (char *slash = group + strlen(group); slash; slash = strrchr(group, '/')) {
		g_autofree char *folder = NULL;
		guint64 here;

		*slash = '\0';
		folder = g_strconcat(hierarchy->mount, group, NULL);
		here = group_left(root, folder, hierarchy);
		if (here >= *left)
			continue;
		*left = here;
		g_free(*where);
		*where = g_strdup_printf("of control group %s", group[0] ? group : "/");
	}
}

static gboolean has_controller(const char *controllers, const char *wanted)
{
	g_auto(GStrv) names = g_strsplit(controllers, ",", -1);

	return wanted[0] ? g_strv_contains((const char *const *)names, wanted) : !controllers[0];
}

guint64 memory_left_below(const char *root, char **ret_where)
{
	g_autofree char *information = read_file(root, "/proc", "meminfo");
	g_autofree char *groups = read_file(root, "/proc/self", "cgroup");
	g_auto(GStrv) lines = g_strsplit(groups ? groups : "", "\n", -1);
	guint64 left = G_MAXUINT64, kib;
	char *where = g_strdup("of this machine");

	if (information && find_number(information, "MemAvailable", &kib))
		left = kib * 1024;
	for (guint i = 0; lines[i]; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], ":", 3);

		for (gsize j = 0; g_strv_length(fields) == 3 && j < G_N_ELEMENTS(hierarchies); j++)
			if (has_controller(fields[1], hierarchies[j].controllers))
				look_at_groups(root, fields[2], &hierarchies[j], &left, &where);
	}
	*ret_where = where;
	return left;
}

guint64 memory_left(char **ret_where)
{
	return memory_left_below("", ret_where);
}

guint64 memory_total(void)
{
	g_autofree char *information = read_file("", "/proc", "meminfo");
	guint64 kib;

	return information && find_number(information, "MemTotal", &kib) ? kib * 1024 : G_MAXUINT64;
}
