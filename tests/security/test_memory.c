// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What memory is left, by the files of a machine that is made up.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "memory.h"

#define MIB (G_GUINT64_CONSTANT(1024) * 1024)

typedef struct {
	char *root;
} Machine;

static void put(const Machine *machine, const char *path, const char *text)
{
	g_autofree char *file = g_strconcat(machine->root, path, NULL);
	g_autofree char *folder = g_path_get_dirname(file);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
}

static void machine_set_up(Machine *machine, gconstpointer data G_GNUC_UNUSED)
{
	machine->root = g_dir_make_tmp("xdpshark-memory.XXXXXX", NULL);
	g_assert_nonnull(machine->root);
	put(machine, "/proc/meminfo",
	    "MemTotal:       2097152 kB\nMemFree:         100000 kB\nMemAvailable:   1048576 kB\n");
}

static void remove_below(const char *path)
{
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		remove_below(file);
	}
	if (folder)
		g_dir_close(folder);
	g_remove(path);
}

static void machine_tear_down(Machine *machine, gconstpointer data G_GNUC_UNUSED)
{
	remove_below(machine->root);
	g_free(machine->root);
}

static void assert_left(const Machine *machine, guint64 left, const char *expected)
{
	g_autofree char *where = NULL;

	g_assert_cmpuint(memory_left_below(machine->root, &where), ==, left);
	g_assert_cmpstr(where, ==, expected);
}

static void test_machine(Machine *machine, gconstpointer data G_GNUC_UNUSED)
{
	assert_left(machine, 1024 * MIB, "of this machine");
	put(machine, "/proc/self/cgroup", "0::/user.slice/session.scope\n");
	assert_left(machine, 1024 * MIB, "of this machine");
	put(machine, "/proc/meminfo", "nonsense");
	assert_left(machine, G_MAXUINT64, "of this machine");
}

static void put_group(const Machine *machine, const char *group, const char *limit,
		      const char *usage, const char *statistics)
{
	g_autofree char *folder = g_strconcat("/sys/fs/cgroup", group, "/memory.", NULL);
	g_autofree char *max = g_strconcat(folder, "max", NULL),
			*current = g_strconcat(folder, "current", NULL),
			*stat = g_strconcat(folder, "stat", NULL);

	put(machine, max, limit);
	put(machine, current, usage);
	put(machine, stat, statistics);
}

static void test_group(Machine *machine, gconstpointer data G_GNUC_UNUSED)
{
	put(machine, "/proc/self/cgroup", "0::/user.slice/session.scope\n");
	put_group(machine, "/user.slice/session.scope", "max\n", "1000\n", "anon 1000\n");
	assert_left(machine, 1024 * MIB, "of this machine");
	/* Of a group further up, pages of files counted out. */
	put_group(machine, "/user.slice", "104857600\n", "83886080\n",
		  "anon 1\ninactive_file 20971520\nactive_file 5\n");
	assert_left(machine, 40 * MIB, "of control group /user.slice");
	put_group(machine, "/user.slice/session.scope", "10485760\n", "20971520\n", "");
	assert_left(machine, 0, "of control group /user.slice/session.scope");
}

/* As in a container: its group is the root, with a limit. */
static void test_container(Machine *machine, gconstpointer data G_GNUC_UNUSED)
{
	put(machine, "/proc/self/cgroup", "0::/\n");
	put_group(machine, "", "104857600\n", "0\n", "");
	assert_left(machine, 100 * MIB, "of control group /");
}

static void test_version_1(Machine *machine, gconstpointer data G_GNUC_UNUSED)
{
	put(machine, "/proc/self/cgroup",
	    "5:cpu,cpuacct:/a\n4:memory:/box\n3:hugetlb,memoryless:/c\n0::/\n");
	put(machine, "/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "52428800\n");
	put(machine, "/sys/fs/cgroup/memory/box/memory.usage_in_bytes", "31457280\n");
	put(machine, "/sys/fs/cgroup/memory/box/memory.stat",
	    "inactive_file 1\ntotal_inactive_file 10485760\n");
	assert_left(machine, 30 * MIB, "of control group /box");
	/* no limit */
	put(machine, "/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
	assert_left(machine, 1024 * MIB, "of this machine");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(NAME)                                                                                  \
	g_test_add("/memory/" #NAME, Machine, NULL, machine_set_up, test_##NAME, machine_tear_down)
	ADD(machine);
	ADD(group);
	ADD(container);
	ADD(version_1);
	g_assert_cmpuint(memory_total(), >, MIB);
	return g_test_run();
}
