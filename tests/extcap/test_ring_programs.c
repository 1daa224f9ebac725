// SPDX-License-Identifier: GPL-2.0-or-later
/* The capture programs and the reader's end of a ring, together: at the places that take months to
 * come to by themselves. */
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "monotonic.h"
#include "program.h"
#include "ring.h"

#define SKIPPED	  77
#define RING_SIZE ((gsize)256 * 1024) /* two segments */
#define LENGTH	  3000

typedef struct {
	ProgramSet *set;
	struct xdpshark_cpu *cpu;
	guint8 *segments;
	gsize cpus_size, segments_size;
} World;

static void *map(int fd, gsize size)
{
	void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	g_assert_true(address != MAP_FAILED);
	return address;
}

static void beat(const ProgramSet *set)
{
	const struct xdpshark_control control = { .heartbeat = G_MAXINT64 };
	guint32 zero = 0;

	g_assert_cmpint(
		bpf_map_update_elem(program_set_rings(set)->control, &zero, &control, BPF_ANY), ==,
		0);
}

static void world_open(World *world)
{
	static const struct sock_filter everything = { BPF_RET | BPF_K, 0, 0, G_MAXUINT32 };
	static const ProgramKind kind = { 0, 0, "XDP" };
	const ProgramRequest request = {
		.filter = &everything,
		.filter_length = 1,
		.snaplen = XDPSHARK_SNAPLEN_MAX,
		.actions = 1U << XDP_PASS,
		.ring_size = RING_SIZE,
		.kind = &kind,
	};
	g_autoptr(GError) error = NULL;
	const Rings *rings;

	world->set = program_set_load(&request, &error);
	g_assert_no_error(error);
	beat(world->set);
	rings = program_set_rings(world->set);
	world->cpus_size = rings->cpu_count * sizeof(struct xdpshark_cpu);
	world->segments_size = (gsize)rings->segment_count * rings->segment_size;
	world->cpu = map(rings->cpus, world->cpus_size);
	world->segments = map(rings->segments, world->segments_size);
}

static void world_close(World *world)
{
	munmap(world->cpu, world->cpus_size);
	munmap(world->segments, world->segments_size);
	program_set_free(world->set);
}

static Ring open_ring(const World *world)
{
	const Rings *rings = program_set_rings(world->set);
	Ring ring;

	g_assert_true(ring_init(&ring, world->cpu, world->segments, rings->segment_count,
				rings->segment_size));
	return ring;
}

static void send(const World *world, guint count)
{
	guint8 packet[LENGTH] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = (int)count);

	g_assert_cmpint(bpf_prog_test_run_opts(program_set_fd(world->set, XDP_PASS), &options), ==,
			0);
	g_assert_cmpuint(options.retval, ==, XDP_PASS);
}

static guint64 count_outcome(const World *world, guint outcome)
{
	return world->cpu->outcomes[XDP_PASS][outcome];
}

/* Each packet once, in order, over the end of the counters of segments. */
static void test_wrap(void)
{
	RingPacket packet;
	guint64 number = 0;
	World world;
	Ring ring;

	world_open(&world);
	world.cpu->taken = world.cpu->freed = G_MAXUINT32 - 4;
	while (world.cpu->taken != 5) {
		send(&world, 10);
		if (number == 0)
			ring = open_ring(&world);
		ring_look(&ring);
		while (ring.time != RING_EMPTY) {
			ring_take(&ring, &packet);
			g_assert_cmpuint(packet.record->packet, ==, ++number);
			g_assert_cmpuint(packet.captured_length, ==, LENGTH);
			ring_release(&ring);
		}
		g_assert_cmpuint(number % 10, ==, 0);
	}
	g_assert_cmpuint(count_outcome(&world, XDPSHARK_CAPTURED), ==, number);
	g_assert_cmpuint(ring.damage, ==, 0);
	world_close(&world);
}

/* A ring that nobody reads is full after its two segments, also where the counters wrap. */
static void test_full(void)
{
	const guint fitting = RING_SIZE / LENGTH * 8 / 10; /* at least */
	World world;

	for (guint32 before = G_MAXUINT32 - 2; before != 2; before++) {
		world_open(&world);
		world.cpu->taken = world.cpu->freed = before;
		send(&world, 1000);
		g_assert_cmpuint(world.cpu->taken, ==, before + 2);
		g_assert_cmpuint(count_outcome(&world, XDPSHARK_CAPTURED), >=, fitting);
		g_assert_cmpuint(count_outcome(&world, XDPSHARK_LOST_FULL), ==,
				 1000 - count_outcome(&world, XDPSHARK_CAPTURED));
		world_close(&world);
	}
}

/* More packets lost between two records than a record can say: the next one says the rest. */
static void test_many_lost(void)
{
	const guint64 lost = (guint64)G_MAXUINT32 + 7;
	guint64 told = 0;
	RingPacket packet;
	World world;
	Ring ring;

	world_open(&world);
	world.cpu->lost = lost;
	send(&world, 3);
	ring = open_ring(&world);
	ring_look(&ring);
	for (guint i = 0; i < 3; i++) {
		ring_take(&ring, &packet);
		told += packet.record->lost;
	}
	g_assert_cmpuint(told, ==, lost);
	g_assert_cmpuint(packet.record->lost, ==, 0);
	g_assert_cmpuint(world.cpu->lost, ==, 0);
	world_close(&world);
}

static void pin_to_first_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	g_assert_cmpint(sched_setaffinity(0, sizeof(cpus), &cpus), ==, 0);
}

int main(int argc, char **argv)
{
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL) != 1) {
		printf("SKIP: needs root, to load BPF programs\n");
		return SKIPPED;
	}
	g_test_init(&argc, &argv, NULL);
	pin_to_first_cpu();
	g_test_add_func("/ring programs/wrap", test_wrap);
	g_test_add_func("/ring programs/full", test_full);
	g_test_add_func("/ring programs/many lost", test_many_lost);
	return g_test_run();
}
