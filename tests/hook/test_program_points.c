/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs without regard to hooks, as points: which there are, and what is said of them.
 */
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>

#include "hook_find.h"
#include "program_refusal.h"
#include "trace.h"
#include "world.h"
#include "xdp_attached.h"

#define PATH "/sys/fs/bpf/fw"

/* The point of the program on the device; NULL if there is none. */
static const Point *find_point(const GPtrArray *points, const char *address)
{
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if (strcmp(point->address, address) == 0)
			return point;
	}
	return NULL;
}

static void check_program(const GPtrArray *points, const char *device, int program, XdpMode mode,
			  const char *hook, gboolean dispatches)
{
	const Point *point = find_point(points, device);
	const PointProgram *found;
	g_autofree char *display = NULL;

	g_assert_nonnull(point);
	g_assert_cmpuint(point->programs->len, ==, 1);
	found = point_program(point, world_program_id(program));
	g_assert_nonnull(found);
	g_assert_cmpuint(found->tag, !=, 0);
	g_assert_cmpint(ABS(found->loaded - g_get_real_time() / G_USEC_PER_SEC), <, 100);
	g_assert_cmpint(found->btf, ==, FACT_NO);
	g_assert_cmpint(found->dispatches, ==, dispatches);
	g_assert_cmpstr(point->hook, ==, hook);
	g_assert_cmpuint(point->devices->len, ==, 1);
	g_assert_cmpint(((const PointDevice *)point->devices->pdata[0])->mode, ==, mode);
	display = point_display(point);
	g_assert_cmpint(strstr(display, "with its tail calls") != NULL, ==, dispatches);
	g_assert_cmpint(hook && strstr(display, hook) != NULL, ==, hook != NULL);
}

/* Of each program on a device: the hook that it leads to, in what mode, and whether it goes on to
 * others than through hooks. */
static void test_programs(void)
{
	int table = world_array(16);
	int entry = world_program("entry", table);
	int plain = world_program("plain", world_array(5));
	int hooked = world_hook("/sys/fs/bpf/other", 5, "other");
	int behind = world_program("fw", world_hook(PATH, 5, "unused"));
	g_autoptr(GPtrArray) hooks = NULL, points = NULL;

	world_set_slot(table, 7, behind);
	world_veth("xh0", "xh1");
	world_veth("xh2", "xh3");
	world_attach("xh0", entry, XDP_FLAGS_DRV_MODE); /* leads to the hook */
	world_attach("xh1", world_program("mine", hooked), XDP_FLAGS_DRV_MODE);
	world_attach("xh3", plain, XDP_FLAGS_SKB_MODE);
	world_veth("xh4", "xh5");
	world_attach("xh4", plain, XDP_FLAGS_DRV_MODE);
	hooks = hook_list(NULL);
	points = xdp_attached_list(NULL);
	xdp_attached_relate(points, hooks);
	check_program(points, "xh0", entry, XDP_MODE_NATIVE, PATH, TRUE);
	check_program(points, "xh3", plain, XDP_MODE_GENERIC, NULL, TRUE);
	g_assert_cmpstr(find_point(points, "xh1")->hook, ==, "/sys/fs/bpf/other");
	g_assert_null(find_point(points, "xh2"));
	g_assert_cmpuint(find_point(points, "xh3")->id, ==, find_point(points, "xh4")->id);
	g_assert_false(point_is_same(find_point(points, "xh3"), find_point(points, "xh4")));
}

/* What stands behind the name of a program: briefly, and in this order. */
static void test_remarks(void)
{
	static const struct {
		const char *dispatcher, *refusal, *hook;
		gboolean dispatches;
		const char *expected;
	} rows[] = {
		{ NULL, NULL, NULL, FALSE, "XDP program fw on eth0" },
		{ "xdp_dispatcher", NULL, NULL, FALSE,
		  "XDP program fw on eth0 (dispatcher xdp_dispatcher)" },
		{ NULL, NULL, NULL, TRUE, "XDP program fw on eth0 (with its tail calls)" },
		{ NULL, NULL, PATH, TRUE,
		  "XDP program fw on eth0 (with its tail calls, has a hook, which costs less: " PATH
		  ")" },
		{ "d\033", "no {BTF}; load it with BTF", PATH, TRUE,
		  "XDP program fw on eth0 (dispatcher d?, cannot be captured: no ?BTF?, its "
		  "hook: " PATH ")" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Point) point = point_new(&source_program);
		PointDevice *device = g_new0(PointDevice, 1);
		PointProgram *program = point_add_program(point, 1);
		g_autofree char *display = NULL;

		device->name = g_strdup("eth0");
		device->own_namespace = TRUE;
		g_ptr_array_add(point->devices, device);
		program->name = g_strdup("fw");
		program->dispatches = rows[i].dispatches;
		point->name = g_strdup("fw");
		point->address = g_strdup("eth0");
		point->dispatcher = g_strdup(rows[i].dispatcher);
		point->refusal = g_strdup(rows[i].refusal);
		point->hook = g_strdup(rows[i].hook);
		display = point_display(point);
		g_assert_cmpstr(display, ==, rows[i].expected);
	}
}

/* What the kernel of this machine allows is not known here: expected is where it does not matter,
 * or what it forbids at all. */
static void test_refusals(void)
{
	static const struct {
		const char *address, *hook;
		XdpMode mode;
		gboolean extended;
		Fact btf;
		const char *expected; /* NULL: the kernel's own reason if it has one, else free */
	} rows[] = {
		{ "eth0", NULL, XDP_MODE_OFFLOAD, FALSE, FACT_YES,
		  "the device itself runs it (offload); attach it to the driver " },
		{ "", NULL, XDP_MODE_OFFLOAD, FALSE, FACT_YES,
		  "the device itself runs it (offload); attach it to the driver " },
		{ "", NULL, XDP_MODE_NATIVE, FALSE, FACT_YES,
		  "its network namespace has no name; give it one (ip netns attach NAME PID)" },
		{ "eth0", NULL, XDP_MODE_NATIVE, TRUE, FACT_YES,
		  "another program has taken the place of its main function (freplace); capture "
		  "that "
		  "one: xdp-prog:eth0/NAME" },
		{ "eth0", NULL, XDP_MODE_GENERIC, FALSE, FACT_YES, NULL },
		{ "eth0", PATH, XDP_MODE_NATIVE, FALSE, FACT_YES, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Point) point = point_new(&source_program);
		PointDevice *device = g_new0(PointDevice, 1);
		PointProgram *program = point_add_program(point, 1);
		const char *reason = rows[i].expected;
		g_autofree char *refusal = NULL;

		device->mode = rows[i].mode;
		device->name = g_strdup("eth0");
		g_ptr_array_add(point->devices, device);
		program->extended = rows[i].extended;
		program->btf = rows[i].btf;
		point->address = g_strdup(rows[i].address);
		point->hook = g_strdup(rows[i].hook);
		refusal = program_refusal(point);
		if (trace_refusal() && i > 2)
			reason = trace_refusal();
		if (!reason) {
			g_assert_null(refusal);
			continue;
		}
		g_assert_true(g_str_has_prefix(refusal, reason));
		g_assert_nonnull(strstr(refusal, "; "));
		g_assert_cmpint(strstr(refusal, PATH) != NULL, ==, rows[i].hook != NULL);
	}
}

static char *address_of_program(int program)
{
	g_autoptr(GPtrArray) points = xdp_attached_list(NULL);

	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if (point->id == world_program_id(program))
			return g_strdup(point->address);
	}
	return NULL;
}

/* A program in a map is a point of its own. Of maps with the same name the youngest one needs no
 * id. Other tests may have some at the same time. */
static void check_held(enum bpf_map_type type, const char *kind, int map, guint32 first,
		       int program)
{
	g_autofree char *address = address_of_program(program);
	g_autofree char *plain = g_strdup_printf("%s/map/0", kind);
	g_autofree char *marked = g_strdup_printf("%s/map#%u/0", kind, world_map_id(map));
	const char *const addresses[] = { marked, NULL };
	const char *const unknown[] = { "devmap/no_such_map/0", NULL };
	g_autofree char *display = NULL, *expected = NULL;
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GError) error = NULL;
	int other;

	g_assert_true(g_strcmp0(address, plain) == 0 || g_strcmp0(address, marked) == 0);
	other = world_map(type, sizeof(struct bpf_devmap_val), 4);
	world_set_target(other, first, program);
	found = xdp_attached_describe(addresses, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(((Point *)found->pdata[0])->id, ==, world_program_id(program));
	display = point_display(found->pdata[0]);
	expected = g_strdup_printf("XDP program behind in %s", marked);
	g_assert_true(g_str_has_prefix(display, expected));
	g_assert_null(xdp_attached_describe(unknown, &error));
	g_assert_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND);
}

static void check_map(enum bpf_map_type type, enum bpf_attach_type attach, const char *kind,
		      guint32 first)
{
	int map = world_map(type, sizeof(struct bpf_devmap_val), 4);
	int program = world_program_of(BPF_PROG_TYPE_XDP, attach, "behind", world_array(5));

	world_veth("xh0", "xh1");
	first = first ? first : if_nametoindex("xh1");
	g_assert_null(address_of_program(program));
	world_set_target(map, first, program);
	check_held(type, kind, map, first, program);
}

static void test_devmap(void)
{
	check_map(BPF_MAP_TYPE_DEVMAP, BPF_XDP_DEVMAP, "devmap", 0);
}

static void test_devmap_hash(void)
{
	check_map(BPF_MAP_TYPE_DEVMAP_HASH, BPF_XDP_DEVMAP, "devmap", 0);
}

static void test_cpumap(void)
{
	check_map(BPF_MAP_TYPE_CPUMAP, BPF_XDP_CPUMAP, "cpumap", 64);
}

static const WorldTest tests[] = {
	{ "/program/on-a-device", test_programs },
	{ "/program/remarks", test_remarks },
	{ "/program/that-cannot-be-captured", test_refusals },
	{ "/program/in-a-devmap", test_devmap },
	{ "/program/in-a-devmap-hash", test_devmap_hash },
	{ "/program/in-a-cpumap", test_cpumap },
};

int main(int argc, char **argv)
{
	return world_run_tests(argc, argv, tests, G_N_ELEMENTS(tests));
}
