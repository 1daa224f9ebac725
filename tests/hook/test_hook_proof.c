/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks are told from jump tables, and from what may be either.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook_find.h"
#include "world.h"
#include "xdp_attached.h"

#define PATH "/sys/fs/bpf/fw"

static guint count_listed(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hooks = hook_list(&error);

	g_assert_no_error(error);
	return hooks->len;
}

/* Both ways of opening say what program does what, and the list passes it over. */
static void assert_jump_table(int map, const char *reason)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) map_error = NULL;
	g_autofree char *expected = g_strdup_printf(
		PATH ": a jump table, not a hook: %s; a capture would change what happens to "
		     "packets",
		reason);

	g_assert_null(hook_open(PATH, &error));
	g_assert_error(error, POINT_ERROR, POINT_ERROR_JUMP_TABLE);
	g_assert_cmpstr(error->message, ==, expected);
	g_assert_cmpint(hook_open_map_of(PATH, world_map_id(map), TRUE, &map_error), ==, -1);
	g_assert_error(map_error, POINT_ERROR, POINT_ERROR_JUMP_TABLE);
	g_assert_cmpstr(map_error->message, ==, expected);
	g_assert_cmpuint(count_listed(), ==, 0);
}

static void assert_proven(int map)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Point) hook = hook_open(PATH, &error);
	int fd;

	g_assert_no_error(error);
	g_assert_cmpstr(hook->doubt, ==, NULL);
	fd = hook_open_map_of(PATH, world_map_id(map), FALSE, &error);
	g_assert_no_error(error);
	close(fd);
	g_assert_cmpuint(count_listed(), ==, 1);
}

/* Listed with a doubt, and opened only by who asks for it. */
static void assert_perhaps(int map, const char *doubt)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Point) hook = hook_open(PATH, &error);
	g_autofree char *expected = g_strdup_printf(
		PATH ": perhaps a hook, perhaps a jump table: %s: only root may capture from it, "
		     "with --unproven, and what happens to packets may then change",
		doubt);
	g_autofree char *display = NULL;
	int fd;

	g_assert_no_error(error);
	g_assert_cmpstr(hook->doubt, ==, doubt);
	display = point_display(hook);
	g_assert_true(g_str_has_prefix(display, "Perhaps an XDP hook: fw"));
	g_assert_cmpint(hook_open_map_of(PATH, world_map_id(map), FALSE, &error), ==, -1);
	g_assert_error(error, POINT_ERROR, POINT_ERROR_UNPROVEN);
	g_assert_cmpstr(error->message, ==, expected);
	g_clear_error(&error);
	fd = hook_open_map_of(PATH, world_map_id(map), TRUE, &error);
	g_assert_no_error(error);
	close(fd);
	g_assert_cmpuint(count_listed(), ==, 1);
}

/* A pinned array of so many slots. */
static int pinned(guint32 slots)
{
	int map = world_array(slots);

	world_pin(map, PATH);
	return map;
}

static char *text_of(const char *format, int program)
{
	g_autofree char *id = g_strdup_printf("%u", world_program_id(program));
	g_auto(GStrv) parts = g_strsplit(format, "ID", -1);

	return g_strjoinv(id, parts);
}

static void test_proven(void)
{
	static const guint32 sizes[] = { 4, 5, 8 };

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		int map = pinned(sizes[i]);

		world_program("fw", map);
		assert_proven(map);
		unlink(PATH);
	}
}

static void test_jump_table(void)
{
	static const guint32 sizes[] = { 4, 5, 6, 8 };

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		int map = pinned(sizes[i]);
		g_autofree char *reason =
			text_of("program parse#ID returns PASS after a tail call with the index "
				"of DROP (instruction 5)",
				world_dispatcher("parse", map));

		assert_jump_table(map, reason);
		unlink(PATH);
	}
}

static void test_jump_table_with_programs(void)
{
	int map = pinned(5);
	int stage = world_program("stage", world_array(5));
	g_autofree char *reason = NULL;

	world_set_slot(map, 0, stage);
	world_set_slot(map, 2, stage);
	reason = text_of("program parse#ID returns PASS after a tail call with the index of DROP "
			 "(instruction 5)",
			 world_dispatcher("parse", map));
	assert_jump_table(map, reason);
}

static void test_one_of_two_dispatches(void)
{
	int map = pinned(5);
	g_autofree char *reason = NULL;

	world_program("fw", map);
	assert_proven(map);
	/* What was proven before is looked at again. */
	reason = text_of("program parse#ID returns PASS after a tail call with the index of DROP "
			 "(instruction 5)",
			 world_dispatcher("parse", map));
	assert_jump_table(map, reason);
}

static void test_dispatcher_ends(void)
{
	int map = pinned(5);
	int program = world_dispatcher("parse", map);

	world_program("fw", map);
	g_assert_cmpuint(count_listed(), ==, 0);
	world_close(program);
	assert_proven(map);
}

static void test_does_more(void)
{
	int map = pinned(5);
	g_autofree char *doubt =
		text_of("program count#ID does more after a tail call, which a capture would leave "
			"out (instruction 4)",
			world_counter("count", map));

	assert_perhaps(map, doubt);
}

static void test_never_calls(void)
{
	int map = pinned(5);

	world_naming("idle", map);
	assert_perhaps(map, "no program that refers to it has a tail call into it");
	/* Nor does that one speak against it. */
	world_program("fw", map);
	assert_proven(map);
}

static void test_no_program(void)
{
	int map = pinned(5);

	world_close(world_program("fw", map));
	assert_perhaps(map, "no loaded program uses it");
}

static int look_without_admin(gpointer data)
{
	g_autoptr(Point) hook = hook_open(PATH, NULL);

	(void)data;
	return hook && g_strcmp0(hook->doubt, "the programs that use it cannot be read") == 0 ? 0
											      : 1;
}

static void test_unreadable(void)
{
	world_program("fw", pinned(5));
	g_assert_cmpint(world_without_admin(look_without_admin, NULL), ==, 0);
}

/* A device whose program has a jump table alone has no hook. */
static void test_survey(void)
{
	g_autoptr(GPtrArray) hooks = NULL, points = NULL;
	const Point *point = NULL;
	int program;

	world_veth("xh0", "xh1");
	program = world_dispatcher("parse", pinned(5));
	world_attach("xh0", program, 0);
	hooks = hook_list(NULL);
	g_assert_cmpuint(hooks->len, ==, 0);
	points = xdp_attached_list(NULL);
	xdp_attached_relate(points, hooks);
	for (guint i = 0; i < points->len; i++)
		if (strcmp(((const Point *)g_ptr_array_index(points, i))->address, "xh0") == 0)
			point = g_ptr_array_index(points, i);
	g_assert_nonnull(point);
	g_assert_nonnull(point_program(point, world_program_id(program)));
	g_assert_null(point->hook);
}

static const WorldTest tests[] = {
	{ "/hook-proof/of-four-five-and-eight-slots", test_proven },
	{ "/hook-proof/jump-table-of-any-size", test_jump_table },
	{ "/hook-proof/jump-table-with-programs-in-it", test_jump_table_with_programs },
	{ "/hook-proof/one-of-two-programs-dispatches", test_one_of_two_dispatches },
	{ "/hook-proof/the-dispatcher-has-ended", test_dispatcher_ends },
	{ "/hook-proof/does-more-than-to-return", test_does_more },
	{ "/hook-proof/names-the-map-only", test_never_calls },
	{ "/hook-proof/without-a-program", test_no_program },
	{ "/hook-proof/without-permission-to-read", test_unreadable },
	{ "/hook-proof/a-device-with-a-jump-table", test_survey },
};

int main(int argc, char **argv)
{
	return world_run_tests(argc, argv, tests, G_N_ELEMENTS(tests));
}
