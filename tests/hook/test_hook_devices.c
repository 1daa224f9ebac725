/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which devices lead to a hook, on which ways, and how that reads.
 */
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook_find.h"
#include "world.h"

#define PATH "/sys/fs/bpf/fw"

static Point *open_hook(void)
{
	g_autoptr(GError) error = NULL;
	Point *hook = hook_open(PATH, &error);

	g_assert_no_error(error);
	return hook;
}

static void assert_display(const char *expected)
{
	g_autoptr(Point) hook = open_hook();
	g_autofree char *display = point_display(hook);

	g_assert_cmpstr(display, ==, expected);
}

static int hook_map(void)
{
	int map = world_array(5);

	world_pin(map, PATH);
	return map;
}

static void test_not_attached(void)
{
	world_hook(PATH, 5, "fw");
	world_veth("xh0", "xh1");
	world_attach("xh0", world_program("other", world_array(5)), 0);
	assert_display("XDP hook fw (program fw, not attached)");
}

static void test_facts(void)
{
	int program = world_program("fw", hook_map());
	guint32 ifindex = world_veth("xh0", "xh1");
	g_autoptr(Point) hook = NULL;
	const PointDevice *device;
	struct stat st;

	world_run("ip link set xh0 address 02:00:00:00:00:2a");
	world_attach("xh0", program, XDP_FLAGS_DRV_MODE);
	hook = open_hook();
	g_assert_cmpuint(hook->devices->len, ==, 1);
	device = point_device(hook, ifindex);
	g_assert_nonnull(device);
	g_assert_null(point_device(hook, ifindex + 1000));
	g_assert_cmpstr(device->name, ==, "xh0");
	g_assert_cmpuint(device->ifindex, ==, ifindex);
	g_assert_cmpint(stat("/proc/self/ns/net", &st), ==, 0);
	g_assert_cmpuint(device->namespace, ==, st.st_ino);
	g_assert_true(device->own_namespace);
	g_assert_null(device->namespace_name);
	g_assert_cmpuint(device->program_id, ==, world_program_id(program));
	g_assert_true(device->has_mac);
	g_assert_cmpmem(device->mac, 6, "\x02\0\0\0\0\x2a", 6);
	g_assert_cmpuint(device->speed, ==, G_GUINT64_CONSTANT(10000000000)); /* of any veth */
	assert_display("XDP hook fw on xh0 (program fw)");
}

static void test_generic(void)
{
	world_veth("xh0", "xh1");
	world_attach("xh0", world_program("fw", hook_map()), XDP_FLAGS_SKB_MODE);
	assert_display("XDP hook fw on xh0 (program fw)");
}

static void test_link(void)
{
	world_veth("xh0", "xh1");
	world_attach_link("xh0", world_program("fw", hook_map()));
	assert_display("XDP hook fw on xh0 (program fw)");
}

static void test_several(void)
{
	int map = hook_map();
	int first = world_program("a", map);
	int second = world_program("b", map);
	g_autoptr(Point) hook = NULL;

	for (int i = 0; i < 3; i++) {
		g_autofree char *name = g_strdup_printf("xh%d", i);
		g_autofree char *peer = g_strdup_printf("peer%d", i);

		world_veth(name, peer);
		world_attach(name, first, 0);
		world_attach(peer, second, 0);
	}
	hook = open_hook();
	g_assert_cmpuint(hook->devices->len, ==, 6);
	g_assert_cmpuint(point_device(hook, if_nametoindex("xh2"))->program_id, ==,
			 world_program_id(first));
	g_assert_cmpuint(point_device(hook, if_nametoindex("peer2"))->program_id, ==,
			 world_program_id(second));
	assert_display("XDP hook fw on peer0, peer1, peer2, xh0 and 2 more (programs a, b)");
}

static void test_versions(void)
{
	int map = hook_map();

	world_program("fw", map);
	world_veth("xh0", "xh1");
	world_attach("xh0", world_program("fw", map), 0);
	assert_display("XDP hook fw on xh0 (program fw)");
}

static void test_named_namespace(void)
{
	int program = world_program("fw", hook_map());
	struct stat before;
	struct stat after;
	g_autoptr(Point) hook = NULL;
	guint32 ifindex;
	int own = world_enter_namespace("blue");

	ifindex = world_veth("aa0", "aa1");
	world_attach("aa0", program, 0);
	world_leave_namespace(own);
	g_assert_cmpint(stat("/proc/thread-self/ns/net", &before), ==, 0);
	hook = open_hook();
	g_assert_cmpint(stat("/proc/thread-self/ns/net", &after), ==, 0);
	g_assert_cmpuint(before.st_ino, ==, after.st_ino);
	g_assert_cmpstr(point_device(hook, ifindex)->namespace_name, ==, "blue");
	g_assert_false(point_device(hook, ifindex)->own_namespace);
	assert_display("XDP hook fw on aa0 (netns blue) (program fw)");

	/* The same ifindex in two namespaces tells nothing; our own devices come first. */
	g_assert_cmpuint(world_veth("xh0", "xh1"), ==, ifindex);
	world_attach("xh0", program, 0);
	g_clear_pointer(&hook, point_free);
	hook = open_hook();
	g_assert_null(point_device(hook, ifindex));
	assert_display("XDP hook fw on xh0, aa0 (netns blue) (program fw)");
}

/* Made in another order than that of their names. */
static void test_same_name_in_namespaces(void)
{
	const char *const names[] = { "b", "c", "a" };
	int program = world_program("fw", hook_map());

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		int own = world_enter_namespace(names[i]);

		world_veth("xh0", "xh1");
		world_attach("xh0", program, 0);
		world_leave_namespace(own);
	}
	assert_display("XDP hook fw on xh0 (netns a), xh0 (netns b), xh0 (netns c) (program fw)");
}

/* A namespace that only a process is in, as those of containers. */
static void test_process_namespace(void)
{
	int program = world_program("fw", hook_map());
	g_autoptr(Point) hook = NULL;
	g_autofree char *expected = NULL;
	int ready[2];
	int stay[2];
	pid_t child;
	char byte;

	g_assert_cmpint(pipe(ready), ==, 0);
	g_assert_cmpint(pipe(stay), ==, 0);
	child = fork();
	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		close(stay[1]);
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		world_veth("xh0", "xh1");
		world_attach("xh0", program, 0);
		_exit(write(ready[1], "", 1) == 1 && read(stay[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(stay[0]);
	close(ready[1]);
	g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
	hook = open_hook();
	g_assert_cmpuint(hook->devices->len, ==, 1);
	expected = g_strdup_printf("XDP hook fw on xh0 (netns %" G_GUINT64_FORMAT ") (program fw)",
				   ((PointDevice *)g_ptr_array_index(hook->devices, 0))->namespace);
	assert_display(expected);
	close(stay[1]);
	close(ready[0]);
	g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
}

static void test_tail_call(void)
{
	int table = world_array(16);
	int second_table = world_array(5);
	int deep = world_program("deep", hook_map());
	int middle = world_program("middle", second_table);
	int entry = world_program("entry", table);
	g_autoptr(Point) hook = NULL;

	world_set_slot(table, 7, middle);
	world_set_slot(table, 8, entry); /* a loop */
	world_set_slot(second_table, 3, deep);
	world_veth("xh0", "xh1");
	world_attach("xh0", entry, 0);
	assert_display("XDP hook fw on xh0 (program deep)");
	hook = open_hook();
	g_assert_cmpuint(point_device(hook, if_nametoindex("xh0"))->program_id, ==,
			 world_program_id(deep));
}

static void test_tail_call_to_two(void)
{
	int table = world_array(16);
	int map = hook_map();
	int entry = world_program("entry", table);
	g_autoptr(Point) hook = NULL;

	world_set_slot(table, 7, world_program("a", map));
	world_set_slot(table, 9, world_program("b", map));
	world_veth("xh0", "xh1");
	world_attach("xh0", entry, 0);
	hook = open_hook();
	g_assert_cmpuint(hook->devices->len, ==, 1);
	g_assert_cmpuint(point_device(hook, if_nametoindex("xh0"))->program_id, ==, 0);
}

/* Through the slot of another hook, whose contents are not read twice. */
static void test_tail_call_through_a_hook(void)
{
	int outer = world_hook("/sys/fs/bpf/outer", 5, "unused");
	int entry = world_program("entry", outer);
	g_autoptr(GPtrArray) hooks = NULL;

	world_set_slot(outer, XDP_DROP, world_program("fw", hook_map()));
	world_veth("xh0", "xh1");
	world_attach("xh0", entry, 0);
	assert_display("XDP hook fw on xh0 (program fw)");
	hooks = hook_list(NULL);
	g_assert_cmpuint(hooks->len, ==, 2);
	for (guint i = 0; i < hooks->len; i++)
		g_assert_cmpuint(((Point *)g_ptr_array_index(hooks, i))->devices->len, ==, 1);
}

static void check_redirect(enum bpf_map_type type, enum bpf_attach_type attach, guint32 first)
{
	const struct bpf_devmap_val none = { 0 };
	int map = world_map(type, sizeof(none), 4);
	int program = world_program_of(BPF_PROG_TYPE_XDP, attach, "behind", hook_map());

	world_veth("xh0", "xh1");
	world_attach("xh0", world_redirector("redirector", map), 0);
	assert_display("XDP hook fw (program behind, not attached)");
	world_set_target(map, first ? first : if_nametoindex("xh1"), program);
	assert_display("XDP hook fw on xh0 (program behind)");
}

static void test_devmap(void)
{
	check_redirect(BPF_MAP_TYPE_DEVMAP, BPF_XDP_DEVMAP, 0);
}

static void test_devmap_hash(void)
{
	check_redirect(BPF_MAP_TYPE_DEVMAP_HASH, BPF_XDP_DEVMAP, 0);
}

static void test_cpumap(void)
{
	check_redirect(BPF_MAP_TYPE_CPUMAP, BPF_XDP_CPUMAP, 64);
}

static void test_two_pins(void)
{
	int map = hook_map();
	g_autoptr(GPtrArray) hooks = NULL;

	world_pin(map, "/sys/fs/bpf/again");
	world_veth("xh0", "xh1");
	world_attach("xh0", world_program("fw", map), 0);
	hooks = hook_list(NULL);
	g_assert_cmpuint(hooks->len, ==, 2);
	for (guint i = 0; i < hooks->len; i++) {
		const Point *hook = g_ptr_array_index(hooks, i);

		g_assert_cmpuint(hook->programs->len, ==, 1);
		g_assert_cmpuint(hook->devices->len, ==, 1);
	}
}

static void test_more_programs_than_fit_at_once(void)
{
	int table = world_array(3000);
	int map = hook_map();

	world_set_slot(table, 2999, world_program("last", map));
	world_veth("xh0", "xh1");
	world_attach("xh0", world_program("entry", table), 0);
	assert_display("XDP hook fw on xh0 (program last)");
}

static int open_without_admin(gpointer data)
{
	g_autoptr(Point) hook = hook_open(PATH, NULL);
	g_autofree char *display = hook ? point_display(hook) : NULL;
	guint32 *slots = data;

	return hook && !hook->programs_known && hook->slots.programs[XDP_DROP] == slots[XDP_DROP] &&
			       strcmp(display, "Perhaps an XDP hook: fw") == 0
		       ? 0
		       : 1;
}

static void test_unknown_programs(void)
{
	int map = hook_map();
	int capture = world_program("capture", world_array(5));
	guint32 slots[] = { 0, world_program_id(capture) };

	world_program("fw", map);
	world_set_slot(map, XDP_DROP, capture);
	g_assert_cmpint(world_without_admin(open_without_admin, slots), ==, 0);
}

static const WorldTest tests[] = {
	{ "/device/none", test_not_attached },
	{ "/device/tells-address-speed-and-program", test_facts },
	{ "/device/generic", test_generic },
	{ "/device/by-link", test_link },
	{ "/device/several-of-several-programs", test_several },
	{ "/device/two-versions-of-a-program", test_versions },
	{ "/device/in-a-named-namespace", test_named_namespace },
	{ "/device/same-name-in-several-namespaces", test_same_name_in_namespaces },
	{ "/device/in-the-namespace-of-a-process", test_process_namespace },
	{ "/device/over-tail-calls", test_tail_call },
	{ "/device/over-a-tail-call-to-one-of-two", test_tail_call_to_two },
	{ "/device/over-another-hook", test_tail_call_through_a_hook },
	{ "/device/over-a-devmap", test_devmap },
	{ "/device/over-a-devmap-hash", test_devmap_hash },
	{ "/device/over-a-cpumap", test_cpumap },
	{ "/device/of-a-hook-pinned-twice", test_two_pins },
	{ "/device/unknown-without-permission", test_unknown_programs },
	{ "/device/over-a-large-table", test_more_programs_than_fit_at_once },
};

int main(int argc, char **argv)
{
	return world_run_tests(argc, argv, tests, G_N_ELEMENTS(tests));
}
