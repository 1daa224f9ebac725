// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of CPUs as the kernel writes them, gaps included, and texts that are none; and the rings
 * that are planned for what is read. */
#include "cpu.h"

#include <glib/gstdio.h>

#include "program_error.h"
#include "record.h"
#include "ring_plan.h"

#define MIB ((gsize)1024 * 1024)

static void test_lists(void)
{
	static const struct {
		const char *text;
		guint count, end;
	} lists[] = {
		{ "0", 1, 1 },
		{ "0\n", 1, 1 },
		{ "0-3\n", 4, 4 },
		{ "0,2\n", 2, 3 },
		{ "0-1,6\n", 3, 7 },
		{ "3\n", 1, 4 },
		{ "0-3,8-11,64\n", 9, 65 },
		{ "1,3,5,7", 4, 8 },
		{ "5-5", 1, 6 },
		{ "0-65535\n", 65536, 65536 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		guint count, end;

		g_assert_true(cpu_list_parse(lists[i].text, &count, &end));
		g_assert_cmpuint(count, ==, lists[i].count);
		g_assert_cmpuint(end, ==, lists[i].end);
	}
}

static void test_no_lists(void)
{
	static const char *const texts[] = {
		"",
		"\n",
		"-",
		"0-",
		"-1",
		",",
		"0,",
		"0,,1",
		"0-1-2",
		"1-0",
		"0,0",
		"1,0",
		"0-3,2",
		"0 1",
		" 0",
		"0x1",
		"a",
		"0-1a",
		"0\n\n",
		"+1",
		"65536",
		"0-65536",
		"4294967296",
		"0-99999999999999999999",
		"18446744073709551616",
		"0,4294967297",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		guint count, end;

		if (cpu_list_parse(texts[i], &count, &end))
			g_error("\"%s\" is taken for %u CPUs below %u", texts[i], count, end);
	}
}

/* What cpus_read() makes of these files; NULL: there is none. */
static gboolean read_files(const char *possible, const char *online, Cpus *cpus, GError **error)
{
	g_autofree char *folder = g_dir_make_tmp("xdpshark-cpu-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "possible", NULL);
	g_autofree char *other = g_build_filename(folder, "online", NULL);
	gboolean read;

	g_assert_true(!possible || g_file_set_contents(path, possible, -1, NULL));
	g_assert_true(!online || g_file_set_contents(other, online, -1, NULL));
	read = cpus_read(folder, cpus, error);
	g_unlink(path);
	g_unlink(other);
	g_rmdir(folder);
	return read;
}

static void test_files(void)
{
	static const struct {
		const char *possible, *online;
		guint possible_count, online_count, end;
	} cases[] = {
		{ "0-3\n", "0-3\n", 4, 4, 4 }, { "0-3\n", "0,2\n", 4, 2, 4 },
		{ "0,3\n", "0,3\n", 2, 2, 4 }, { "0-1,64-65\n", "64\n", 4, 1, 66 },
		{ "0\n", "0-7\n", 1, 1, 1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		Cpus cpus;

		g_assert_true(read_files(cases[i].possible, cases[i].online, &cpus, &error));
		g_assert_cmpuint(cpus.possible, ==, cases[i].possible_count);
		g_assert_cmpuint(cpus.online, ==, cases[i].online_count);
		g_assert_cmpuint(cpus.end, ==, cases[i].end);
	}
}

static void test_bad_files(void)
{
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) garbled = NULL;
	Cpus cpus;

	g_assert_false(read_files(NULL, "0\n", &cpus, &missing));
	g_assert_error(missing, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL);
	g_assert_nonnull(g_strrstr(missing->message, "is /sys mounted?"));
	g_assert_false(read_files("0-70000\n", "0\n", &cpus, &garbled));
	g_assert_nonnull(g_strrstr(garbled->message, "/possible holds no list"));
	/* How many are online is only a guess at how many will capture. */
	g_assert_true(read_files("0-3\n", NULL, &cpus, NULL));
	g_assert_cmpuint(cpus.online, >=, 1);
	g_assert_cmpuint(cpus.online, <=, 4);
	g_assert_true(read_files("0-3\n", "?", &cpus, NULL));
	g_assert_cmpuint(cpus.online, >=, 1);
}

/* One after the other, all of the memory, each of two segments or more. */
static void check_plan(const GArray *plan, const Rings *rings, const Cpus *cpus)
{
	guint32 base = 0;

	for (guint i = 0; i < plan->len; i++) {
		const struct xdpshark_ring *ring = &g_array_index(plan, struct xdpshark_ring, i);

		g_assert_cmpuint(ring->base, ==, base);
		g_assert_cmpuint(ring->segments, >=, 2);
		base += ring->segments;
	}
	g_assert_cmpuint(base, ==, rings->segment_count);
	g_assert_cmpuint(rings->cpu_count, ==, cpus->end + 1);
	g_assert_cmpuint(plan->len, >=, cpus->online);
	g_assert_cmpuint(plan->len, <=, cpus->possible);
}

static void test_plan(void)
{
	static const struct {
		Cpus cpus;
		gsize size;
		guint rings;	     /* how many there are to be */
		guint32 first, last; /* their segments */
	} cases[] = {
		{ { 1, 1, 1 }, 16 * MIB, 1, 64, 64 },
		{ { 4, 4, 4 }, 16 * MIB, 4, 64, 64 },
		{ { 4, 4, 9 }, 16 * MIB, 4, 64, 64 },
		{ { 4, 4, 4 }, MIB / 4, 4, 2, 2 },
		{ { 4, 2, 4 }, 16 * MIB, 4, 64, 16 },
		{ { 2, 1, 2 }, 16 * MIB, 2, 64, 16 },
		{ { 2, 1, 2 }, MIB / 4, 2, 2, 2 },
		{ { 2, 1, 2 }, 1, 2, 2, 2 },
		{ { 240, 4, 240 }, 16 * MIB, 8, 64, 16 },
		{ { 240, 120, 240 }, 16 * MIB, 240, 64, 16 },
		{ { 65536, 1, 65536 }, 256 * MIB, 2, 64, 16 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Rings rings = { 0 };
		g_autoptr(GArray) plan = rings_plan(&rings, cases[i].size, &cases[i].cpus);

		check_plan(plan, &rings, &cases[i].cpus);
		g_assert_cmpuint(plan->len, ==, cases[i].rings);
		g_assert_cmpuint(g_array_index(plan, struct xdpshark_ring, 0).segments, ==,
				 cases[i].first);
		g_assert_cmpuint(g_array_index(plan, struct xdpshark_ring, plan->len - 1).segments,
				 ==, cases[i].last);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cpu/lists", test_lists);
	g_test_add_func("/cpu/no lists", test_no_lists);
	g_test_add_func("/cpu/files", test_files);
	g_test_add_func("/cpu/bad files", test_bad_files);
	g_test_add_func("/cpu/plan", test_plan);
	return g_test_run();
}
