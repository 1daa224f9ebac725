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
#include "reader.h"

#define SKIPPED		77
#define RING_SIZE	((gsize)256 * 1024)  /* two segments */
#define ALARM_RING_SIZE ((gsize)1024 * 1024) /* eight */
#define LENGTH		3000
#define ORDER_RUNS	100
#define ORDER_RUN	1000 /* packets */

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

static void world_open(World *world, gsize ring_size)
{
	static const struct sock_filter everything = { BPF_RET | BPF_K, 0, 0, G_MAXUINT32 };
	static const ProgramKind kind = { 0, 0, "XDP" };
	const ProgramRequest request = {
		.filter = &everything,
		.filter_length = 1,
		.snaplen = XDPSHARK_SNAPLEN_MAX,
		.actions = 1U << XDP_PASS,
		.ring_size = ring_size,
		.kind = &kind,
	};
	g_autoptr(GError) error = NULL;
	const Rings *rings;

	world->set = program_set_load(&request, &error);
	g_assert_no_error(error);
	program_set_beat(world->set, G_MAXINT64);
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

	world_open(&world, RING_SIZE);
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
		g_assert_cmpuint(world.cpu->began, ==, packet.time);
		g_assert_cmpuint(world.cpu->busy, ==, 0);
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
		world_open(&world, RING_SIZE);
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

	world_open(&world, RING_SIZE);
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

/* How often the programs have woken the reader. */
static gulong count_wakeups(const World *world)
{
	gsize page = sysconf(_SC_PAGESIZE);
	const gulong *producer = mmap(NULL, page, PROT_READ, MAP_SHARED,
				      program_set_rings(world->set)->wake, (off_t)page);
	gulong position;

	g_assert_true((void *)producer != MAP_FAILED);
	position = *producer;
	munmap((void *)producer, page);
	return position / 16;
}

/* Sends until so many segments are taken. */
static void fill(const World *world, guint32 segments)
{
	while (world->cpu->taken < segments)
		send(world, 1);
}

/* Whoever waits long is woken once a ring has filled up to its alarm: then, once, and not before.
 */
static void test_alarm(void)
{
	World world;
	Ring ring;

	world_open(&world, ALARM_RING_SIZE);
	fill(&world, 1);
	ring = open_ring(&world);
	fill(&world, 2);
	g_assert_cmpuint(count_wakeups(&world), ==, 0);
	world.cpu->alarm = 4;
	fill(&world, 3);
	g_assert_cmpuint(count_wakeups(&world), ==, 0);
	fill(&world, 4);
	g_assert_cmpuint(count_wakeups(&world), ==, 1);
	g_assert_cmpuint(world.cpu->alarm, ==, 0);
	fill(&world, 6);
	g_assert_cmpuint(count_wakeups(&world), ==, 1);
	/* A CPU wakes a thousand times a second at most. */
	g_usleep(2000);
	/* Set when it is over that already: with the next segment. A CPU wakes nobody twice within
	 * a millisecond. */
	ring_set_alarm(&ring);
	g_usleep(2000);
	g_assert_cmpuint(world.cpu->alarm, ==, 2);
	fill(&world, 7);
	g_assert_cmpuint(count_wakeups(&world), ==, 2);
	world_close(&world);
}

static void pin_to_cpu(guint cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	g_assert_cmpint(sched_setaffinity(0, sizeof(cpus), &cpus), ==, 0);
}

/* at: when that is, or 0 for now */
static guint count_read(Reader *reader, guint64 at, gboolean final)
{
	guint session, count = 0;

	reader_look(reader, at ? at : monotonic_now(), final);
	while (reader_next(reader, &session))
		count++;
	return count;
}

static void wait_a_moment(void)
{
	g_usleep(1000); /* the newest packets are held back for less */
}

/* A packet that another CPU is at work on comes first if it is older, however long that takes. But
 * not for ever. */
static void test_at_work(void)
{
	g_autoptr(GError) error = NULL;
	Reader *reader = reader_new(&error);
	struct xdpshark_cpu *other;
	guint64 soon;
	World world;

	world_open(&world, ALARM_RING_SIZE);
	if (program_set_rings(world.set)->cpu_count < 3) {
		g_test_skip("needs two CPUs");
		world_close(&world);
		reader_free(reader);
		return;
	}
	other = &world.cpu[1];
	g_assert_true(reader_add(reader, program_set_rings(world.set), &error));
	send(&world, 2);
	wait_a_moment();
	other->busy = 1;
	other->began = soon = monotonic_now();
	/* However long we do not get the CPU, it has not been at work for long. */
	soon += G_USEC_PER_SEC;
	wait_a_moment();
	send(&world, 3);
	wait_a_moment();
	g_assert_cmpuint(count_read(reader, soon, FALSE), ==, 2);
	g_assert_true(reader_pending(reader));
	g_assert_cmpuint(count_read(reader, soon, FALSE), ==, 0);
	other->busy = 0;
	g_assert_cmpuint(count_read(reader, 0, FALSE), ==, 3);

	send(&world, 1);
	other->busy = 1;
	other->began = monotonic_now() - 10 * (guint64)G_USEC_PER_SEC * 1000;
	wait_a_moment();
	g_assert_cmpuint(count_read(reader, 0, FALSE), ==, 1);
	other->began = monotonic_now();
	wait_a_moment();
	send(&world, 1);
	g_assert_cmpuint(count_read(reader, 0, TRUE), ==, 1);
	reader_free(reader);
	world_close(&world);
}

typedef struct {
	const World *world;
	guint cpu;
	gint *running;
} Sender;

static gpointer send_all(gpointer data)
{
	const Sender *sender = data;

	pin_to_cpu(sender->cpu);
	for (guint i = 0; i < ORDER_RUNS; i++)
		send(sender->world, ORDER_RUN);
	g_atomic_int_add(sender->running, -1);
	return NULL;
}

/* Reads until both have sent all, and the rings are empty; each packet is younger than the one
 * before. */
static guint64 read_in_order(Reader *reader, gint *running)
{
	guint64 last = 0, count = 0;
	gboolean ended = FALSE;

	while (!ended || reader_pending(reader)) {
		const RingPacket *packet;
		guint session;

		ended = g_atomic_int_get(running) == 0;
		reader_look(reader, monotonic_now(), ended);
		while ((packet = reader_next(reader, &session))) {
			g_assert_cmpuint(packet->time, >=, last);
			last = packet->time;
			count++;
		}
		reader_release(reader);
	}
	return count;
}

/* Two CPUs that capture at full speed, and a reader that does not wait for them. */
static void test_order(void)
{
	World world;
	g_autoptr(GError) error = NULL;
	Reader *reader = reader_new(&error);
	gint running = 2;
	Sender senders[] = { { &world, 0, &running }, { &world, 1, &running } };
	GThread *threads[2];

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		g_test_skip("needs two CPUs");
		reader_free(reader);
		return;
	}
	world_open(&world, 64 * ALARM_RING_SIZE);
	g_assert_true(reader_add(reader, program_set_rings(world.set), &error));
	for (guint i = 0; i < 2; i++)
		threads[i] = g_thread_new("sender", send_all, &senders[i]);
	g_assert_cmpuint(read_in_order(reader, &running), ==,
			 count_outcome(&world, XDPSHARK_CAPTURED) +
				 world.cpu[1].outcomes[XDP_PASS][XDPSHARK_CAPTURED]);
	for (guint i = 0; i < 2; i++)
		g_thread_join(threads[i]);
	reader_free(reader);
	world_close(&world);
}

int main(int argc, char **argv)
{
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL) != 1) {
		printf("SKIP: needs root, to load BPF programs\n");
		return SKIPPED;
	}
	g_test_init(&argc, &argv, NULL);
	pin_to_cpu(0);
	g_test_add_func("/ring programs/wrap", test_wrap);
	g_test_add_func("/ring programs/full", test_full);
	g_test_add_func("/ring programs/many lost", test_many_lost);
	g_test_add_func("/ring programs/alarm", test_alarm);
	g_test_add_func("/ring programs/at work", test_at_work);
	g_test_add_func("/ring programs/order", test_order);
	return g_test_run();
}
