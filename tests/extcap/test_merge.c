// SPDX-License-Identifier: GPL-2.0-or-later
/* Many rings as one stream: each packet once, in the order of time, of the session of its ring, and
 * none that is later than the horizon. */
#include "merge.h"

#include "producer.h"

#define RINGS_MAX 300
#define PACKETS	  20000

typedef struct {
	guint rings;
	guint burst;
	Producer producers[RINGS_MAX];
	guint64 seen[RINGS_MAX]; /* of each ring */
	Merge *merge;
	guint64 time;	/* of the packet that was produced last */
	guint64 latest; /* of the one that was returned last */
	guint64 produced, returned;
} World;

static void add_ring(World *world)
{
	Producer *producer = &world->producers[world->rings];
	Ring ring;

	producer_init(producer, 2, world->rings % 2 ? G_MAXUINT32 : 0);
	ring = producer_ring(producer);
	merge_add(world->merge, &ring, world->rings++);
}

static World *world_new(guint rings, guint burst)
{
	World *world = g_new0(World, 1);

	world->merge = merge_new();
	world->burst = burst;
	while (world->rings < rings)
		add_ring(world);
	return world;
}

static void world_free(World *world)
{
	g_assert_cmpuint(world->produced, ==, world->returned);
	g_assert_false(merge_pending(world->merge));
	for (guint i = 0; i < world->rings; i++)
		producer_clear(&world->producers[i]);
	merge_free(world->merge);
	g_free(world);
}

/* Packets of one time on several rings, too. */
static void fill(World *world, guint bursts)
{
	while (bursts-- > 0) {
		Producer *producer =
			&world->producers[g_test_rand_int_range(0, (gint32)world->rings)];

		for (guint i = 0; i < world->burst; i++) {
			world->time += (guint64)g_test_rand_int_range(0, 3);
			world->produced += produce_at(producer, world->time);
		}
	}
}

static void drain(World *world, guint64 horizon, guint most)
{
	const RingPacket *packet = NULL;
	guint session;

	merge_look(world->merge, horizon);
	for (guint i = 0; i < most && (packet = merge_next(world->merge, &session)); i++) {
		g_assert_cmpuint(packet->time, >=, world->latest);
		g_assert_cmpuint(packet->time, <=, horizon);
		g_assert_cmpuint(session, <, world->rings);
		g_assert_cmpuint(packet->record->packet, ==, world->seen[session]++);
		world->latest = packet->time;
		world->returned++;
	}
	if (!packet)
		g_assert_null(merge_next(world->merge, &session));
}

static void test_order(gconstpointer data)
{
	static const guint bursts[] = { 1, 3, 40 };

	for (guint i = 0; i < G_N_ELEMENTS(bursts); i++) {
		World *world = world_new(GPOINTER_TO_UINT(data), bursts[i]);

		while (world->produced < PACKETS) {
			guint64 window = (guint64)g_test_rand_int_range(0, 50);

			fill(world, (guint)g_test_rand_int_range(0, 100));
			drain(world, world->time - MIN(window, world->time),
			      g_test_rand_bit() ? G_MAXUINT : 50);
			if (g_test_rand_bit())
				merge_release(world->merge);
		}
		drain(world, G_MAXUINT64, G_MAXUINT);
		merge_release(world->merge);
		world_free(world);
	}
}

/* As for CPUs that come online during a capture. */
static void test_growth(void)
{
	World *world = world_new(0, 2);
	guint session;

	g_assert_null(merge_next(world->merge, &session));
	drain(world, G_MAXUINT64, G_MAXUINT);
	while (world->rings < RINGS_MAX) {
		add_ring(world);
		g_assert_cmpuint(merge_rings(world->merge), ==, world->rings);
		g_assert_null(merge_next(world->merge, &session));
		fill(world, 20);
		drain(world, G_MAXUINT64, G_MAXUINT);
	}
	world_free(world);
}

/* The end of time is nobody's time, be it written in the memory. */
static void test_last_time(void)
{
	World *world = world_new(3, 1);

	world->produced += produce_at(&world->producers[1], G_MAXUINT64);
	world->produced += produce_at(&world->producers[2], 5);
	drain(world, G_MAXUINT64, G_MAXUINT);
	world_free(world);
}

int main(int argc, char **argv)
{
	static const guint rings[] = { 1, 2, 3, 7, 8, 9, 100, 256, RINGS_MAX };

	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(rings); i++) {
		g_autofree char *name = g_strdup_printf("/merge/order/%u", rings[i]);

		g_test_add_data_func(name, GUINT_TO_POINTER(rings[i]), test_order);
	}
	g_test_add_func("/merge/growth", test_growth);
	g_test_add_func("/merge/last time", test_last_time);
	return g_test_run();
}
