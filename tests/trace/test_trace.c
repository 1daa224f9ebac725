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
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "monotonic.h"
#include "program_record.h"
#include "ring.h"
#include "trace.h"
#include "traced.h"
#include "xdp_function.h"

#define SKIPPED	  77
#define RING_SIZE ((gsize)1024 * 1024)
#define LENGTH	  100
#define JUMBO	  9000
#define ROUNDS	  3

static const char *object_path, *bare_object_path;

typedef struct {
	struct bpf_object *object;
	int program;
	guint32 id;
	guint32 flags; /* of attaching */
	guint32 ifindex;
	int sender;
} World;

typedef struct {
	World *world;
	ProgramSet *set;
	TraceLinks links;
	struct xdpshark_cpu *cpus;
	guint8 *segments;
	GArray *packets; /* Seen */
} Capture;

typedef struct {
	struct xdpshark_record record;
	struct xdpshark_program_extra extra;
	guint8 data[JUMBO + 64];
} Seen;

static void run(const char *command)
{
	g_assert_cmpint(system(command), ==, 0);
}

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
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
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
	world->program = bpf_program__fd(program);
	g_assert_cmpint(bpf_obj_get_info_by_fd(world->program, &info, &size), ==, 0);
	world->id = info.id;
	world->flags = attach_flags;
	world->ifindex = if_nametoindex("far");
	result = bpf_xdp_attach((int)world->ifindex, world->program, attach_flags, NULL);
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
	bpf_xdp_detach((int)world->ifindex, world->flags, NULL);
	bpf_object__close(world->object);
	run("ip link del near; ip link del other");
}

static void send_kind(const World *world, guint8 kind, gsize length)
{
	guint8 packet[JUMBO] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, kind };

	for (gsize i = 15; i < length; i++)
		packet[i] = (guint8)(i * 7);
	g_assert_cmpint(send(world->sender, packet, length, 0), ==, (int)length);
}

static void *map(int fd, gsize size)
{
	void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	g_assert_true(address != MAP_FAILED);
	return address;
}

/* Packets of ethertype 88b5 of the kind, or of any; those that do not exist have none. */
static const struct sock_filter of_ethertype[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88b5, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

typedef struct {
	gboolean dispatcher;
	gboolean at_entry, at_exit;
	guint actions;
	const struct sock_filter *filter;
	gsize filter_length;
} Options;

static guint64 own_cookie(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	guint64 cookie = 0;
	socklen_t size = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
		cookie = 0;
	close(fd);
	return cookie;
}

static void capture_open(Capture *capture, World *world, const Options *options)
{
	ProgramRequest request = {
		.filter = options->filter ? options->filter : of_ethertype,
		.filter_length =
			options->filter ? options->filter_length : G_N_ELEMENTS(of_ethertype),
		.snaplen = XDPSHARK_SNAPLEN_MAX,
		.ring_size = RING_SIZE,
	};
	g_autofree char *function = xdp_function_name(world->program);
	TraceTarget target = {
		.program = world->id,
		.fd = options->dispatcher ? -1 : world->program,
		.function = options->dispatcher ? NULL : function,
		.ifindex = world->ifindex,
		.namespace_cookie = own_cookie(),
		.at_entry = options->at_entry,
		.at_exit = options->at_exit,
		.actions = options->actions,
	};
	g_autoptr(GError) error = NULL;
	const Rings *rings;
	struct stat st;

	g_assert_cmpint(stat("/proc/self/ns/net", &st), ==, 0);
	target.namespace = st.st_ino;
	capture->world = world;
	capture->packets = g_array_new(FALSE, TRUE, sizeof(Seen));
	capture->set = trace_load(&request, &target, &error);
	g_assert_no_error(error);
	rings = program_set_rings(capture->set);
	capture->cpus = map(rings->cpus, rings->cpu_count * sizeof(struct xdpshark_cpu));
	capture->segments = map(rings->segments, (gsize)rings->segment_count * rings->segment_size);
	program_set_beat(capture->set, G_MAXINT64);
	trace_attach(capture->set, &capture->links, &error);
	g_assert_no_error(error);
}

static int compare(const void *one, const void *other)
{
	const Seen *a = one, *b = other;

	if (a->record.packet != b->record.packet)
		return a->record.time < b->record.time ? -1 : 1;
	return (int)a->record.direction - (int)b->record.direction;
}

/* Ends it and reads all its rings, by the time of the packets. */
static void capture_end(Capture *capture)
{
	const Rings *rings = program_set_rings(capture->set);

	trace_detach(&capture->links);
	program_set_quiesce(capture->set);
	for (guint i = 0; i < rings->cpu_count; i++) {
		RingPacket packet;
		Ring ring;

		if (capture->cpus[i].segments == 0)
			continue;
		g_assert_true(ring_init(&ring, &capture->cpus[i], capture->segments,
					rings->segment_count, rings->segment_size));
		for (ring_look(&ring); ring.time != RING_EMPTY;) {
			Seen seen = { 0 };

			ring_take(&ring, &packet);
			seen.record = *packet.record;
			if (seen.record.kind != XDPSHARK_KIND_PACKET)
				continue;
			g_assert_cmpuint(packet.extra, ==, sizeof(seen.extra));
			memcpy(&seen.extra, packet.record->data, sizeof(seen.extra));
			g_assert_cmpuint(packet.captured_length, <=, sizeof(seen.data));
			memcpy(seen.data, packet.data, packet.captured_length);
			g_array_append_val(capture->packets, seen);
		}
		g_assert_cmpuint(ring.damage, ==, 0);
	}
	g_array_sort(capture->packets, compare);
}

static const Seen *seen_at(const Capture *capture, guint at)
{
	g_assert_cmpuint(at, <, capture->packets->len);
	return &g_array_index(capture->packets, Seen, at);
}

static void capture_close(Capture *capture)
{
	program_set_free(capture->set);
	g_array_unref(capture->packets);
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
	g_assert_cmpuint(leave->extra.duration, <=, leave->record.time - entry->record.time);
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
	const Options options = { .dispatcher = dispatcher, .at_entry = TRUE, .at_exit = TRUE };
	Capture capture;

	capture_open(&capture, world, &options);
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
				  .at_entry = entry,
				  .at_exit = leave,
				  .actions = 1U << XDP_DROP };
	guint at = 0;
	Capture capture;

	capture_open(&capture, world, &options);
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

/* One judges what comes in, the other what goes out. */
static void check_filters(World *world, gboolean dispatcher)
{
	static const struct sock_filter rewritten[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TRACED_REWRITTEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xee, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	Options options = { .dispatcher = dispatcher,
			    .at_exit = TRUE,
			    .filter = rewritten,
			    .filter_length = G_N_ELEMENTS(rewritten) };
	Capture capture;

	capture_open(&capture, world, &options);
	send_all(world);
	capture_end(&capture);
	g_assert_cmpuint(capture.packets->len, ==, ROUNDS);
	check_exit(seen_at(&capture, 0), TRACED_REWRITE, LENGTH);
	capture_close(&capture);

	options.at_entry = TRUE;
	capture_open(&capture, world, &options);
	send_all(world);
	capture_end(&capture);
	g_assert_cmpuint(capture.packets->len, ==, 0);
	capture_close(&capture);
}

static void check_two(World *world)
{
	const Options options = { .at_entry = TRUE, .at_exit = TRUE };
	Capture one, other;

	capture_open(&one, world, &options);
	capture_open(&other, world, &options);
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
	check_filters(world, dispatcher);
}

static void test_native(void)
{
	World world;

	world_open(&world, object_path, XDP_FLAGS_DRV_MODE, 0);
	check_all(&world, FALSE);
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
	g_assert_null(xdp_function_name(world.program));
	check_all(&world, TRUE);
	world_close(&world);
	if (!world_open(&world, bare_object_path, XDP_FLAGS_SKB_MODE, 0))
		return;
	check_all(&world, TRUE);
	world_close(&world);
}

/* Frames in fragments are there whole, where the kernel shows its pages. */
static void test_fragments(void)
{
	const Options options = { .at_entry = TRUE, .at_exit = TRUE };
	const Options held = { .at_entry = TRUE, .at_exit = TRUE, .actions = 1U << XDP_PASS };
	Capture capture;
	World world;

	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) != 1) {
		g_test_skip("the kernel has no frames in fragments (5.18)");
		return;
	}
	world_open(&world, object_path, XDP_FLAGS_DRV_MODE, BPF_F_XDP_HAS_FRAGS);
	for (guint i = 0; i < 2; i++) {
		capture_open(&capture, &world, i == 0 ? &options : &held);
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
	g_test_add_func("/trace/native", test_native);
	g_test_add_func("/trace/generic", test_generic);
	g_test_add_func("/trace/dispatcher", test_dispatcher);
	g_test_add_func("/trace/fragments", test_fragments);
	return g_test_run();
}
