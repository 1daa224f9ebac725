// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program that changes no packet: what it returns refers to the bytes that came in, and they are
 * the right ones whatever has happened to the ring in between; where they are not there, and where
 * a program may change them, they are copied.
 */
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "traced.h"
#include "watcher.h"

#define SKIPPED	  77
#define LONGEST	  2048
#define MANY	  1000 /* packets of a test, at most */
#define ACTIONS	  (1U << XDP_PASS | 1U << XDP_DROP | 1U << XDP_REDIRECT)
#define RING_SIZE ((gsize)1024 * 1024)
#define BORDERS	  3

static const gsize lengths[] = { 60, 64, 71, 72, 73, 79, 80, 81, 200, 1500, LONGEST };
static const guint8 kinds[] = { TRACED_PASS, TRACED_DROP, TRACED_INDEX };
static const gint32 verdicts[] = { XDP_PASS, XDP_DROP, XDP_REDIRECT };

typedef struct {
	struct bpf_object *object;
	Watched watched;
	int sender;
	guint sent;
	gsize lengths[MANY]; /* of what was sent */
} World;

static const char *object_path;

static void world_open(World *world, const char *name)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };

	run("ip link add near mtu 2500 type veth peer name far mtu 2500");
	run("ip link set near up; ip link set far up");
	*world = (World){ .object = bpf_object__open_file(object_path, NULL) };
	g_assert_nonnull(world->object);
	g_assert_cmpint(bpf_object__load(world->object), ==, 0);
	watched_init(&world->watched,
		     bpf_program__fd(bpf_object__find_program_by_name(world->object, name)),
		     if_nametoindex("far"));
	g_assert_cmpint(bpf_xdp_attach((int)world->watched.ifindex, world->watched.program,
				       XDP_FLAGS_DRV_MODE, NULL),
			==, 0);
	world->sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex("near");
	g_assert_cmpint(bind(world->sender, (struct sockaddr *)&address, sizeof(address)), ==, 0);
}

static void world_close(World *world)
{
	close(world->sender);
	bpf_xdp_detach((int)world->watched.ifindex, XDP_FLAGS_DRV_MODE, NULL);
	bpf_object__close(world->object);
	run("ip link del near");
}

static guint kind_of(guint number)
{
	return number / 3 % G_N_ELEMENTS(kinds);
}

/* Every byte depends on the number. */
static void fill(guint8 *packet, guint number, gsize length)
{
	static const guint8 head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	memcpy(packet, head, sizeof(head));
	packet[14] = kinds[kind_of(number)];
	for (gsize i = 15; i < length; i++)
		packet[i] = (guint8)(((gsize)number * 31 + i) * 7 + (number >> 8));
}

static void send_packet(World *world, gsize length)
{
	guint64 before = program_runs(world->watched.program);
	guint8 packet[LONGEST];

	g_assert_cmpuint(world->sent, <, MANY);
	world->lengths[world->sent] = length;
	fill(packet, world->sent++, length);
	g_assert_cmpint(send(world->sender, packet, length, 0), ==, (gssize)length);
	wait_for_run(world->watched.program, before);
}

static void send_packets(World *world, guint count)
{
	for (guint i = 0; i < count; i++)
		send_packet(world, lengths[i % G_N_ELEMENTS(lengths)]);
}

static void check_bytes(const World *world, const Seen *seen, guint number, gsize snaplen)
{
	const gsize length = world->lengths[number];
	guint8 packet[LONGEST];

	fill(packet, number, length);
	g_assert_cmpuint(seen->record.wire_length, ==, length);
	g_assert_cmpmem(seen->data, seen->record.captured_length, packet, MIN(length, snaplen));
}

/* Packets from `first` on, each when it came in and when it went out. Returns how many refer to
 * earlier ones. */
static guint check_pairs(const World *world, const Capture *capture, guint first, gsize snaplen)
{
	const guint count = world->sent - first;
	guint same = 0;

	g_assert_cmpuint(capture->packets->len, ==, (guint64)2 * count);
	for (guint i = 0; i < count; i++) {
		const Seen *entry = seen_at(capture, 2 * i), *exit = seen_at(capture, 2 * i + 1);

		g_assert_cmpuint(entry->record.kind, ==, XDPSHARK_KIND_PACKET);
		g_assert_cmpuint(entry->record.direction, ==, XDPSHARK_ENTRY);
		g_assert_cmpuint(exit->record.direction, ==, XDPSHARK_EXIT);
		g_assert_cmpuint(exit->record.packet, ==, entry->record.packet);
		g_assert_cmpint(exit->record.verdict, ==, verdicts[kind_of(first + i)]);
		g_assert_cmpint(exit->extra.head, ==, 0);
		g_assert_cmpint(exit->extra.tail, ==, 0);
		g_assert_cmpuint(exit->extra.frame, ==, entry->extra.frame);
		g_assert_cmpuint((entry->extra.flags | exit->extra.flags) & XDPSHARK_LINEAR_ONLY,
				 ==, 0);
		check_bytes(world, entry, first + i, snaplen);
		check_bytes(world, exit, first + i, snaplen);
		same += exit->record.kind == XDPSHARK_KIND_SAME;
	}
	return same;
}

/* However packets are judged. */
static void test_kept(void)
{
	static const Options cases[] = {
		{ .captured = BOTH },
		{ .captured = BOTH, .judged = XDPSHARK_AT_EXIT },
		{ .captured = BOTH, .judged = BOTH },
		{ .captured = BOTH, .actions = ACTIONS },
		{ .captured = BOTH, .snaplen = 70 },
		{ .captured = BOTH, .snaplen = 90, .actions = ACTIONS },
	};
	const guint count = G_N_ELEMENTS(lengths) * 3;
	World world;

	world_open(&world, "keeper");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const guint first = world.sent;
		Capture capture;

		capture_open(&capture, &world.watched, &cases[i]);
		send_packets(&world, count);
		capture_end(&capture);
		g_assert_cmpuint(check_pairs(&world, &capture, first,
					     cases[i].snaplen ? cases[i].snaplen : LONGEST),
				 ==, count);
		check_nothing_is_left(&capture);
		capture_close(&capture);
	}
	world_close(&world);
}

/* A record's bytes, without the packet's. */
#define RECORD (sizeof(struct xdpshark_record) + sizeof(struct xdpshark_program_extra))
#define SAME   (RECORD + sizeof(struct xdpshark_same))

/* Sends packets until one that is as long as its room ends where the segment ends. */
static void send_to_border(World *world, const Capture *capture)
{
	const gsize segment = program_set_rings(capture->set)->segment_size;
	const gsize last = segment - sizeof(struct xdpshark_segment) - RECORD - LONGEST;
	const volatile guint32 *offset = &capture->cpus[0].offset;

	send_packet(world, 1500);
	while (last - *offset > RECORD + SAME + 1500 + RECORD + SAME)
		send_packet(world, *offset + 8000 < last ? 1500 : 64);
	send_packet(world, (last - *offset - RECORD - SAME) & ~(gsize)7);
	send_packet(world, LONGEST);
}

/* Where another segment of the ring begins between the two, the bytes are copied. */
static void check_parts(World *world, guint32 actions)
{
	const Options options = { .captured = BOTH, .actions = actions, .ring_size = RING_SIZE };
	const guint first = world->sent;
	Capture capture;
	guint same;

	capture_open(&capture, &world->watched, &options);
	for (guint i = 0; i < BORDERS; i++)
		send_to_border(world, &capture);
	capture_end(&capture);
	same = check_pairs(world, &capture, first, LONGEST);
	g_test_message("%u of %u refer to earlier ones", same, world->sent - first);
	g_assert_cmpuint(same, ==, world->sent - first - BORDERS);
	capture_close(&capture);
}

static void test_parts(void)
{
	World world;

	world_open(&world, "keeper");
	check_parts(&world, 0);
	check_parts(&world, ACTIONS);
	world_close(&world);
}

/* While programs are being detached. */
static void test_ending(void)
{
	const Options options = { .captured = BOTH };
	Capture capture;
	World world;

	world_open(&world, "keeper");
	capture_open(&capture, &world.watched, &options);
	program_set_end(capture.set);
	send_packets(&world, G_N_ELEMENTS(lengths));
	capture_end(&capture);
	g_assert_cmpuint(check_pairs(&world, &capture, 0, LONGEST), ==, 0);
	capture_close(&capture);
	world_close(&world);
}

/* A program that changes some packets, but not these. */
static void test_others(void)
{
	const Options options = { .captured = BOTH };
	Capture capture;
	World world;

	world_open(&world, "a_program_with_a_long_name");
	capture_open(&capture, &world.watched, &options);
	send_packets(&world, G_N_ELEMENTS(lengths));
	capture_end(&capture);
	for (guint i = 0; i < capture.packets->len; i++)
		g_assert_cmpuint(seen_at(&capture, i)->record.kind, ==, XDPSHARK_KIND_PACKET);
	g_assert_cmpuint(capture.packets->len, ==, 2 * G_N_ELEMENTS(lengths));
	capture_close(&capture);
	world_close(&world);
}

/* What is sent arrives at the same CPU. */
static void pin(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	g_assert_cmpint(pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	object_path = argv[1];
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
		g_print("SKIP: needs root, for a network namespace\n");
		return SKIPPED;
	}
	if (trace_refusal()) {
		g_print("SKIP: %s\n", trace_refusal());
		return SKIPPED;
	}
	run("ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; "
	    "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
	pin();
	g_assert_cmpint(bpf_enable_stats(BPF_STATS_RUN_TIME), >=, 0);
	g_test_add_func("/same/kept", test_kept);
	g_test_add_func("/same/parts of the ring", test_parts);
	g_test_add_func("/same/ending", test_ending);
	g_test_add_func("/same/others", test_others);
	return g_test_run();
}
