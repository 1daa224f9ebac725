// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs that watch another XDP program, on a device of a network namespace of their own. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "program_record.h"
#include "trace.h"
#include "traced.h"
#include "watcher.h"
#include "xdp_function.h"

#define SKIPPED	 77
#define LENGTH	 100
#define SHORTEST 15
#define JUMBO	 9000
#define ROUNDS	 3

typedef struct {
	struct bpf_object *object;
	Watched watched;
	guint32 flags; /* of attaching */
	int sender;
} World;

static const char *object_path, *bare_object_path;

static void fill_maps(const World *world)
{
	const guint32 zero = 0, key = TRACED_KEY;
	struct bpf_devmap_val device = { .ifindex = (guint32)if_nametoindex("other") };
	struct bpf_cpumap_val cpu = { .qsize = 64 };
	int leaf = bpf_program__fd(bpf_object__find_program_by_name(world->object, "leaf"));

#define MAP(NAME) bpf_object__find_map_fd_by_name(world->object, NAME)
	g_assert_cmpint(bpf_map_update_elem(MAP("leaves"), &zero, &leaf, BPF_ANY), ==, 0);
	g_assert_cmpint(bpf_map_update_elem(MAP("devices"), &key, &device, BPF_ANY), ==, 0);
	g_assert_cmpint(bpf_map_update_elem(MAP("cpus"), &key, &cpu, BPF_ANY), ==, 0);
}

static gboolean world_open(World *world, const char *path, guint32 attach_flags, guint32 load_flags)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	struct bpf_program *program;
	int result;

	run("ip link add near type veth peer name far && ip link add other type dummy");
	run("ip link set near up; ip link set far up; ip link set other up");
	/* A program for frames in one piece does not go on a device of long ones. */
	if (attach_flags & XDP_FLAGS_SKB_MODE || load_flags)
		run("ip link set near mtu 9000 && ip link set far mtu 9000");
	world->object = bpf_object__open_file(path, NULL);
	g_assert_nonnull(world->object);
	bpf_object__for_each_program(program, world->object)
		bpf_program__set_flags(program, load_flags);
	g_assert_cmpint(bpf_object__load(world->object), ==, 0);
	fill_maps(world);
	program = bpf_object__find_program_by_name(world->object, "a_program_with_a_long_name");
	watched_init(&world->watched, bpf_program__fd(program), if_nametoindex("far"));
	world->flags = attach_flags;
	result = bpf_xdp_attach((int)world->watched.ifindex, world->watched.program, attach_flags,
				NULL);
	if (result == -EINVAL && attach_flags & XDP_FLAGS_SKB_MODE) {
		bpf_object__close(world->object);
		run("ip link del near; ip link del other");
		g_test_skip("generic XDP takes no programs with these maps (5.13 does)");
		return FALSE;
	}
	g_assert_cmpint(result, ==, 0);
	world->sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex("near");
	g_assert_cmpint(bind(world->sender, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	return TRUE;
}

static void world_close(World *world)
{
	close(world->sender);
	bpf_xdp_detach((int)world->watched.ifindex, world->flags, NULL);
	bpf_object__close(world->object);
	run("ip link del near; ip link del other");
}

static void send_kind(const World *world, guint8 kind, gsize length)
{
	guint8 packet[JUMBO] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, kind };
	guint64 before = program_runs(world->watched.program);

	for (gsize i = 15; i < length; i++)
		packet[i] = (guint8)(i * 7);
	g_assert_cmpint(send(world->sender, packet, length, 0), ==, (int)length);
	wait_for_run(world->watched.program, before);
}

/* By kind of packet. */
static const struct {
	gint32 verdict, head, tail;
	guint16 map_type;
	guint32 target;
} expected[TRACED_KINDS] = {
	[TRACED_PASS] = { XDP_PASS, 0, 0, 0, 0 },
	[TRACED_DROP] = { XDP_DROP, 0, 0, 0, 0 },
	[TRACED_REWRITE] = { XDP_TX, 0, 0, 0, 0 },
	[TRACED_PUSH] = { XDP_TX, -TRACED_PUSHED, 0, 0, 0 },
	[TRACED_CUT] = { XDP_DROP, 0, -TRACED_CUT_OFF, 0, 0 },
	[TRACED_DEVMAP] = { XDP_REDIRECT, 0, 0, BPF_MAP_TYPE_DEVMAP, TRACED_KEY },
	[TRACED_CPUMAP] = { XDP_REDIRECT, 0, 0, BPF_MAP_TYPE_CPUMAP, TRACED_KEY },
	[TRACED_INDEX] = { XDP_REDIRECT, 0, 0, 0, 1 },
	[TRACED_TAIL_CALL] = { XDP_DROP, 0, 0, 0, 0 },
	[TRACED_ODD] = { TRACED_ODD_VERDICT, 0, 0, 0, 0 },
};

static void check_entry(const Seen *seen, guint8 kind, gsize length)
{
	g_assert_cmpuint(seen->record.direction, ==, XDPSHARK_ENTRY);
	g_assert_cmpuint(seen->record.wire_length, ==, length);
	g_assert_cmpuint(seen->data[14], ==, kind);
	for (gsize i = 15; i < seen->record.captured_length; i++)
		g_assert_cmpuint(seen->data[i], ==, (guint8)(i * 7));
}

static void check_exit(const Seen *seen, guint8 kind, gsize length)
{
	gint32 head = expected[kind].head, tail = expected[kind].tail;

	g_assert_cmpuint(seen->record.direction, ==, XDPSHARK_EXIT);
	g_assert_cmpint(seen->record.verdict, ==, expected[kind].verdict);
	g_assert_cmpint(seen->record.wire_length, ==, (gint32)length - head + tail);
	g_assert_cmpuint(seen->data[14 - head], ==, kind);
	if (kind == TRACED_PUSH)
		g_assert_cmpuint(seen->data[0], ==, 0xaa);
	for (gsize i = (gsize)(15 - head); i < seen->record.captured_length; i++) {
		gsize was = (gsize)((gint32)i + head);
		gboolean rewritten = kind == TRACED_REWRITE && was == TRACED_REWRITTEN;

		g_assert_cmpuint(seen->data[i], ==, rewritten ? 0xee : (guint8)(was * 7));
	}
	if (seen->extra.flags & XDPSHARK_TARGET) {
		g_assert_cmpuint(seen->extra.map_type, ==, expected[kind].map_type);
		g_assert_cmpuint(seen->extra.target, ==, expected[kind].target);
		g_assert_cmpuint(seen->extra.map != 0, ==, expected[kind].map_type != 0);
	}
}

static void check_pair(const Seen *entry, const Seen *leave, guint8 kind, gsize length)
{
	check_entry(entry, kind, length);
	check_exit(leave, kind, length);
	g_assert_cmpuint(entry->record.packet, ==, leave->record.packet);
	g_assert_cmpint(leave->extra.head, ==, expected[kind].head);
	g_assert_cmpint(leave->extra.tail, ==, expected[kind].tail);
	g_assert_cmpuint(leave->extra.duration, >, 0);
	g_assert_cmpuint(leave->extra.duration, ==, leave->record.time - entry->record.time);
	g_assert_cmpuint(entry->record.ifindex, ==, if_nametoindex("far"));
}

static void send_all(const World *world)
{
	for (guint round = 0; round < ROUNDS; round++)
		for (guint8 kind = 0; kind < TRACED_KINDS; kind++)
			send_kind(world, kind, LENGTH);
}

static void check_all_pairs(World *world, gboolean dispatcher)
{
	const Options options = { .dispatcher = dispatcher, .captured = BOTH };
	Capture capture;

	capture_open(&capture, &world->watched, &options);
	send_all(world);
	capture_end(&capture);
	g_assert_cmpuint(capture.packets->len, ==, 2 * ROUNDS * TRACED_KINDS);
	for (guint i = 0; i < ROUNDS * TRACED_KINDS; i++)
		check_pair(seen_at(&capture, 2 * i), seen_at(&capture, 2 * i + 1),
			   (guint8)(i % TRACED_KINDS), LENGTH);
	capture_close(&capture);
}

/* `entry` and `leave`: whether the sightings are asked for. */
static void check_drops(World *world, gboolean dispatcher, gboolean entry, gboolean leave)
{
	static const guint8 kinds[] = { TRACED_DROP, TRACED_CUT, TRACED_TAIL_CALL };
	const Options options = { .dispatcher = dispatcher,
				  .captured = (entry ? XDPSHARK_AT_ENTRY : 0U) |
					      (leave ? XDPSHARK_AT_EXIT : 0U),
				  .actions = 1U << XDP_DROP };
	guint at = 0;
	Capture capture;

	capture_open(&capture, &world->watched, &options);
	send_all(world);
	capture_end(&capture);
	for (guint i = 0; i < ROUNDS * G_N_ELEMENTS(kinds); i++) {
		guint8 kind = kinds[i % G_N_ELEMENTS(kinds)];

		if (entry) {
			check_entry(seen_at(&capture, at), kind, LENGTH);
			g_assert_cmpint(seen_at(&capture, at++)->record.verdict, ==,
					leave ? XDPSHARK_VERDICT_NONE : XDP_DROP);
		}
		if (leave)
			check_exit(seen_at(&capture, at++), kind, LENGTH);
	}
	g_assert_cmpuint(capture.packets->len, ==, at);
	capture_close(&capture);
}

/* Packets that are rewritten match the one before, and the other after. */
static const struct sock_filter before[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88b5, 0, 5),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TRACED_REWRITE, 0, 3),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TRACED_REWRITTEN),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xee, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
static const struct sock_filter after[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TRACED_REWRITTEN),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xee, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* What the filter looks at and what is captured do not depend on each other. */
static const struct {
	const struct sock_filter *filter;
	gsize filter_length;
	guint judged, captured;
	guint actions;
	gboolean matches;
} choices[] = {
#define BEFORE before, G_N_ELEMENTS(before)
#define AFTER  after, G_N_ELEMENTS(after)
	{ BEFORE, XDPSHARK_AT_ENTRY, BOTH, 0, TRUE },
	{ BEFORE, XDPSHARK_AT_ENTRY, XDPSHARK_AT_EXIT, 0, TRUE },
	{ BEFORE, XDPSHARK_AT_EXIT, BOTH, 0, FALSE },
	{ BEFORE, BOTH, BOTH, 0, TRUE },
	{ BEFORE, BOTH, XDPSHARK_AT_EXIT, 0, TRUE },
	{ BEFORE, BOTH, BOTH, 1U << XDP_TX, TRUE },
	{ BEFORE, BOTH, BOTH, 1U << XDP_DROP, FALSE },
	{ AFTER, XDPSHARK_AT_ENTRY, BOTH, 0, FALSE },
	{ AFTER, XDPSHARK_AT_EXIT, BOTH, 0, TRUE },
	{ AFTER, XDPSHARK_AT_EXIT, XDPSHARK_AT_ENTRY, 0, TRUE },
	{ AFTER, XDPSHARK_AT_EXIT, XDPSHARK_AT_EXIT, 0, TRUE },
	{ AFTER, XDPSHARK_AT_EXIT, BOTH, 1U << XDP_TX, TRUE },
	{ AFTER, BOTH, BOTH, 0, TRUE },
	{ AFTER, BOTH, XDPSHARK_AT_ENTRY, 0, TRUE },
	{ AFTER, BOTH, XDPSHARK_AT_EXIT, 1U << XDP_PASS, FALSE },
};

static void check_choice(World *world, gboolean dispatcher, guint choice)
{
	const Options options = { .dispatcher = dispatcher,
				  .filter = choices[choice].filter,
				  .filter_length = choices[choice].filter_length,
				  .judged = choices[choice].judged,
				  .captured = choices[choice].captured,
				  .actions = choices[choice].actions };
	guint at = 0;
	Capture capture;

	capture_open(&capture, &world->watched, &options);
	send_all(world);
	capture_end(&capture);
	for (guint i = 0; i < ROUNDS && choices[choice].matches; i++) {
		guint first = at;

		if (options.captured & XDPSHARK_AT_ENTRY)
			check_entry(seen_at(&capture, at++), TRACED_REWRITE, LENGTH);
		if (options.captured & XDPSHARK_AT_EXIT)
			check_exit(seen_at(&capture, at++), TRACED_REWRITE, LENGTH);
		g_assert_cmpuint(seen_at(&capture, first)->record.packet, ==,
				 seen_at(&capture, at - 1)->record.packet);
	}
	g_assert_cmpuint(capture.packets->len, ==, at);
	check_nothing_is_left(&capture);
	capture_close(&capture);
}

static void check_filters(World *world, gboolean dispatcher)
{
	for (guint choice = 0; choice < G_N_ELEMENTS(choices); choice++)
		check_choice(world, dispatcher, choice);
}

/* Looks at all bytes of the packets, and lets them through. */
static const struct sock_filter whole[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88b5, 0, 4),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TRACED_PASS, 1, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, LENGTH - 1),
	BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* Short packets may be copied from what the filter has looked at. */
static void check_lengths(World *world, guint judged, guint32 snaplen)
{
	const Options options = { .filter = whole,
				  .filter_length = G_N_ELEMENTS(whole),
				  .judged = judged,
				  .captured = BOTH,
				  .snaplen = snaplen };
	Capture capture;
	guint at = 0;

	capture_open(&capture, &world->watched, &options);
	for (gsize length = SHORTEST; length <= LENGTH; length++)
		send_kind(world, TRACED_PASS, length);
	capture_end(&capture);
	for (gsize length = SHORTEST; length <= LENGTH; length++, at += 2) {
		const Seen *entry = seen_at(&capture, at), *leave = seen_at(&capture, at + 1);

		check_pair(entry, leave, TRACED_PASS, length);
		g_assert_cmpuint(entry->record.captured_length, ==, MIN(length, snaplen));
		g_assert_cmpuint(leave->record.captured_length, ==, MIN(length, snaplen));
	}
	g_assert_cmpuint(capture.packets->len, ==, at);
	capture_close(&capture);
}

static void check_all_lengths(World *world)
{
	check_lengths(world, XDPSHARK_AT_ENTRY, LENGTH);
	check_lengths(world, XDPSHARK_AT_EXIT, 33);
	check_lengths(world, BOTH, SHORTEST);
}

static void check_two(World *world)
{
	const Options options = { .captured = BOTH };
	Capture one, other;

	capture_open(&one, &world->watched, &options);
	capture_open(&other, &world->watched, &options);
	send_all(world);
	capture_end(&one);
	send_all(world);
	capture_end(&other);
	g_assert_cmpuint(one.packets->len, ==, 2 * ROUNDS * TRACED_KINDS);
	g_assert_cmpuint(other.packets->len, ==, 4 * ROUNDS * TRACED_KINDS);
	capture_close(&one);
	capture_close(&other);
}

static void check_all(World *world, gboolean dispatcher)
{
	check_all_pairs(world, dispatcher);
	check_drops(world, dispatcher, TRUE, TRUE);
	check_drops(world, dispatcher, TRUE, FALSE);
	check_drops(world, dispatcher, FALSE, TRUE);
}

static void test_native(void)
{
	World world;

	world_open(&world, object_path, XDP_FLAGS_DRV_MODE, 0);
	check_all(&world, FALSE);
	check_filters(&world, FALSE);
	check_all_lengths(&world);
	check_two(&world);
	world_close(&world);
}

static void test_generic(void)
{
	World world;

	if (!world_open(&world, object_path, XDP_FLAGS_SKB_MODE, 0))
		return;
	check_all(&world, FALSE);
	world_close(&world);
}

static void test_dispatcher(void)
{
	World world;

	if (trace_dispatcher_refusal()) {
		g_test_skip(trace_dispatcher_refusal());
		return;
	}
	world_open(&world, bare_object_path, XDP_FLAGS_DRV_MODE, 0);
	g_assert_null(xdp_function_name(world.watched.program));
	check_all(&world, TRUE);
	check_filters(&world, TRUE);
	world_close(&world);
	if (!world_open(&world, bare_object_path, XDP_FLAGS_SKB_MODE, 0))
		return;
	check_all(&world, TRUE);
	world_close(&world);
}

/* Frames in fragments are there whole, where the kernel shows its pages. */
static void test_fragments(void)
{
	const Options options = { .captured = BOTH };
	const Options held = { .captured = BOTH, .actions = 1U << XDP_PASS };
	Capture capture;
	World world;

	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) != 1) {
		g_test_skip("the kernel has no frames in fragments (5.18)");
		return;
	}
	world_open(&world, object_path, XDP_FLAGS_DRV_MODE, BPF_F_XDP_HAS_FRAGS);
	for (guint i = 0; i < 2; i++) {
		capture_open(&capture, &world.watched, i == 0 ? &options : &held);
		send_kind(&world, TRACED_PASS, JUMBO);
		send_kind(&world, TRACED_PASS, LENGTH);
		capture_end(&capture);
		g_assert_cmpuint(capture.packets->len, ==, 4);
		check_pair(seen_at(&capture, 0), seen_at(&capture, 1), TRACED_PASS, JUMBO);
		check_pair(seen_at(&capture, 2), seen_at(&capture, 3), TRACED_PASS, LENGTH);
#if defined(__x86_64__)
		g_assert_cmpuint(seen_at(&capture, 0)->record.captured_length, ==, JUMBO);
		g_assert_cmpuint(seen_at(&capture, 1)->record.captured_length, ==, JUMBO);
#endif
		capture_close(&capture);
	}
	world_close(&world);
}

/* Where the kernel allows nothing, it is said why. */
static void test_refused(void)
{
	g_test_message("%s", trace_refusal());
	g_assert_nonnull(trace_refusal());
	g_assert_nonnull(trace_dispatcher_refusal());
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	object_path = argv[1];
	bare_object_path = argv[2];
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
		g_print("SKIP: needs root, for a network namespace\n");
		return SKIPPED;
	}
	run("ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; "
	    "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
	if (trace_refusal()) {
		g_test_add_func("/trace/refused", test_refused);
		return g_test_run();
	}
	g_assert_cmpint(bpf_enable_stats(BPF_STATS_RUN_TIME), >=, 0);
	g_test_add_func("/trace/native", test_native);
	g_test_add_func("/trace/generic", test_generic);
	g_test_add_func("/trace/dispatcher", test_dispatcher);
	g_test_add_func("/trace/fragments", test_fragments);
	return g_test_run();
}
