/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's end of a ring, against a producer that does what the capture programs do: every
 * record arrives once, whole and in order, also where the counters wrap; a segment is not written
 * again before it was given back; and whatever is scribbled on the memory, and whenever, leads
 * nobody out of it or round in it for ever. */
#include "producer.h"

#include <string.h>

#define RECORDS 200000

static void assert_packet(const RingPacket *packet, guint64 number)
{
	g_assert_cmpuint(packet->record->packet, ==, number);
	g_assert_cmpuint(packet->captured_length, ==, number * 7919 % (LENGTH_MAX + 1));
	g_assert_cmpuint(packet->extra, ==, producer_extra(number));
	for (guint32 i = 0; i < packet->extra; i++)
		g_assert_cmpuint(packet->record->data[i], ==, 255 - number % 251);
	for (guint32 i = 0; i < packet->captured_length; i++)
		g_assert_cmpuint(packet->data[i], ==, number % 251);
}

/* Takes up to count records. The one that was taken must stay what it was until the release. */
static void consume(Ring *ring, guint64 *number, guint count)
{
	ring_look(ring);
	while (ring->time != RING_EMPTY && count-- > 0) {
		RingPacket packet;

		g_assert_cmpuint(ring->time, ==, *number);
		ring_take(ring, &packet);
		assert_packet(&packet, (*number)++);
		ring_release(ring);
	}
}

struct Order {
	const char *name;
	guint32 segments;
	guint32 before; /* segments that were taken, and given back, in the past */
};

static const struct Order orders[] = {
	{ "2", 2, 0 },
	{ "3", 3, 0 },
	{ "64", 64, 0 },
	{ "2 at the wrap", 2, G_MAXUINT32 - 3 },
	{ "3 at the wrap", 3, G_MAXUINT32 },
	{ "64 at the wrap", 64, G_MAXUINT32 - 30 },
};

static void test_order(gconstpointer data)
{
	const struct Order *order = data;
	guint64 number = 0;
	gboolean filled = FALSE;
	Producer producer;
	Ring ring;

	producer_init(&producer, order->segments, order->before);
	ring = producer_ring(&producer);
	g_assert_false(ring_pending(&ring));
	while (number < RECORDS / 10) {
		guint burst = (guint)g_test_rand_int_range(0, 200);

		while (burst-- > 0 && !filled)
			filled = !produce(&producer);
		g_assert_cmpint(ring_pending(&ring), ==, number < producer.next);
		consume(&ring, &number, filled ? G_MAXUINT : (guint)g_test_rand_int_range(0, 200));
		filled = FALSE;
	}
	consume(&ring, &number, G_MAXUINT);
	g_assert_cmpuint(number, ==, producer.next);
	g_assert_false(ring_pending(&ring));
	g_assert_cmpuint(ring.damage, ==, 0);
	producer_clear(&producer);
}

/* Nothing is lost of a ring that is read only after it is full. */
static void test_full(gconstpointer data)
{
	const struct Order *order = data;
	guint64 number = 0;
	Producer producer;
	Ring ring;

	producer_init(&producer, order->segments, order->before);
	ring = producer_ring(&producer);
	while (produce(&producer))
		;
	g_assert_cmpuint(producer.cpu->taken, ==, order->before + order->segments);
	consume(&ring, &number, G_MAXUINT);
	g_assert_cmpuint(number, ==, producer.next);
	g_assert_true(produce(&producer));
	producer_clear(&producer);
}

static gpointer produce_all(gpointer data)
{
	Producer *producer = data;

	while (producer->next < RECORDS)
		if (!produce(producer))
			g_thread_yield();
	return NULL;
}

static void test_concurrent(void)
{
	guint64 number = 0;
	Producer producer;
	GThread *thread;
	Ring ring;

	producer_init(&producer, 4, G_MAXUINT32 - 1000);
	ring = producer_ring(&producer);
	thread = g_thread_new("producer", produce_all, &producer);
	while (number < RECORDS) {
		consume(&ring, &number, G_MAXUINT);
		g_thread_yield();
	}
	g_thread_join(thread);
	producer_clear(&producer);
}

/* What is taken lies in the ring, all of it, as long as is said, and one look is over some time. */
static void take_anything(Ring *ring, const Producer *producer)
{
	const guint8 *begin = producer->memory + BASE * (gsize)SEGMENT_SIZE;
	const guint8 *end = begin + producer->segments * (gsize)SEGMENT_SIZE;
	gsize most = (gsize)(end - begin) / sizeof(struct xdpshark_record), count = 0;
	volatile guint sum = 0;

	ring_look(ring);
	while (ring->time != RING_EMPTY) {
		const guint8 *own;
		RingPacket packet;

		ring_take(ring, &packet);
		g_assert_cmpuint(++count, <=, most);
		g_assert_true(packet.data >= begin && packet.data <= end);
		g_assert_cmpuint((gsize)packet.data % 8, ==, 0);
		g_assert_cmpuint(packet.captured_length, <=, (gsize)(end - packet.data));
		own = packet.record->data + packet.extra;
		/* Its own, or those of a record before. */
		g_assert_true(packet.data == own || packet.data + packet.captured_length <=
							    (const guint8 *)packet.record);
		g_assert_cmpuint(packet.captured_length, <=, packet.wire_length);
		for (guint32 i = 0; i < packet.captured_length; i += 64)
			sum = sum + packet.data[i];
	}
	ring_release(ring);
}

/* Records of both kinds, until the ring is full. */
static void fill(Producer *producer, GRand *random)
{
	while (produce(producer) &&
	       produce_same(producer, (guint32)g_rand_int_range(random, 0, SEGMENT_SIZE / 4) * 4))
		;
}

/* A word anywhere, or one of the crucial ones. */
static void scribble(const Producer *producer, GRand *random)
{
	guint32 *words = (void *)producer->memory, *where, value = g_rand_int(random);
	guint32 count = (BASE + producer->segments) * SEGMENT_SIZE / sizeof(guint32);
	gint choice = g_rand_int_range(random, 0, 9);
	gint32 segment = g_rand_int_range(random, BASE, (gint32)(BASE + producer->segments));

	if (choice == 0)
		where = &producer->cpu->taken;
	else if (choice == 1)
		where = &segment_at(producer, (guint32)segment)->used;
	else if (choice == 2)
		where = &producer->cpu->freed;
	else if (choice == 3) /* the first record's length */
		where = &words[(guint32)segment * SEGMENT_SIZE / 4 + 16 + 5];
	else if (choice == 4) /* its source's bytes */
		where = &words[(guint32)segment * SEGMENT_SIZE / 4 + 16 + 10];
	else
		where = &words[g_rand_int_range(random, 0, (gint32)count)];
	/* Small values and changes are more likely to be believed. */
	value >>= g_rand_int_range(random, 0, 32);
	if (g_rand_boolean(random))
		value = *where + value % 16 - 8;
	__atomic_store_n(where, value, __ATOMIC_RELAXED);
}

static void test_scribbled(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)g_test_rand_int());

	for (guint round = 0; round < 5000; round++) {
		Producer producer;
		Ring ring;

		producer_init(&producer, 2 + round % 3, 0);
		ring = producer_ring(&producer);
		fill(&producer, random);
		for (guint i = 0; i < 20; i++) {
			scribble(&producer, random);
			take_anything(&ring, &producer);
			produce(&producer);
			produce_same(&producer, g_rand_int(random) % SEGMENT_SIZE);
		}
		producer_clear(&producer);
	}
}

typedef struct {
	Producer producer;
	GRand *random;
	gint ended;
} Scribbler;

static gpointer scribble_on(gpointer data)
{
	Scribbler *scribbler = data;

	while (!g_atomic_int_get(&scribbler->ended))
		scribble(&scribbler->producer, scribbler->random);
	return NULL;
}

/* Between the check of a length and its use, too. */
static void test_scribbled_meanwhile(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)g_test_rand_int());
	Scribbler scribbler = { .random = random };
	GThread *thread;

	producer_init(&scribbler.producer, 4, 0);
	fill(&scribbler.producer, random);
	thread = g_thread_new("scribbler", scribble_on, &scribbler);
	for (guint round = 0; round < 20000; round++) {
		Ring ring = producer_ring(&scribbler.producer);

		take_anything(&ring, &scribbler.producer);
		__atomic_store_n(&scribbler.producer.cpu->taken, ring.freed + round % 5,
				 __ATOMIC_RELAXED);
		take_anything(&ring, &scribbler.producer);
	}
	g_atomic_int_set(&scribbler.ended, 1);
	g_thread_join(thread);
	producer_clear(&scribbler.producer);
}

/* A count of bytes that no program writes leads to no record that none wrote. */
static void test_odd_length(void)
{
	for (guint32 odd = 1; odd < 8; odd++) {
		struct xdpshark_segment *segment;
		guint64 number = 0;
		Producer producer;
		Ring ring;

		producer_init(&producer, 2, 0);
		ring = producer_ring(&producer);
		for (guint i = 0; i < 3; i++)
			produce(&producer);
		segment = segment_at(&producer, BASE);
		segment->used += odd;
		consume(&ring, &number, G_MAXUINT);
		g_assert_cmpuint(number, ==, 3);
		segment->used -= odd;
		produce(&producer);
		consume(&ring, &number, G_MAXUINT);
		g_assert_cmpuint(number, ==, 4);
		g_assert_cmpuint(ring.damage, ==, 0);
		producer_clear(&producer);
	}
}

/* What was checked is what is used. */
static void test_changed(void)
{
	struct xdpshark_record *record;
	RingPacket packet;
	Producer producer;
	Ring ring;

	producer_init(&producer, 2, 0);
	ring = producer_ring(&producer);
	produce(&producer);
	produce(&producer);
	ring_look(&ring);
	record = (void *)segment_at(&producer, BASE)->data;
	*record = (struct xdpshark_record){ .time = 77, .captured_length = G_MAXUINT32 };
	ring_take(&ring, &packet);
	g_assert_cmpuint(packet.time, ==, 0);
	g_assert_cmpuint(packet.captured_length, ==, 0);
	g_assert_cmpuint(ring.time, ==, 1);
	producer_clear(&producer);
}

/* Larger than any frame: readers of the file would take it for damaged. */
static void test_too_long(void)
{
	const gsize size = 2 * XDPSHARK_SNAPLEN_MAX;
	struct xdpshark_cpu cpu = { .segments = 1, .taken = 1 };
	struct xdpshark_record record = { 0 };
	g_autofree struct xdpshark_segment *segment = g_malloc0(size);

	segment->used = XDPSHARK_SNAPLEN_MAX + sizeof(record) + 8;
	for (guint32 length = XDPSHARK_SNAPLEN_MAX; length <= XDPSHARK_SNAPLEN_MAX + 8; length++) {
		Ring ring;

		record.captured_length = length;
		memcpy(segment->data, &record, sizeof(record));
		g_assert_true(ring_init(&ring, &cpu, segment, 1, size));
		ring_look(&ring);
		g_assert_cmpuint(ring.time, ==, length > XDPSHARK_SNAPLEN_MAX ? RING_EMPTY : 0);
		g_assert_cmpuint(ring.damage, ==, length > XDPSHARK_SNAPLEN_MAX);
		g_assert_false(ring.time == RING_EMPTY && ring_pending(&ring));
	}
}

/* A source's bytes that do not fit, or behind which no record could begin. */
static void test_wrong_extra(void)
{
	static const struct {
		guint32 extra, length;
		gboolean right;
	} cases[] = {
		{ 0, 512, TRUE },
		{ 8, 504, TRUE },
		{ XDPSHARK_EXTRA_MAX, 512 - XDPSHARK_EXTRA_MAX, TRUE },
		{ 8, 505, FALSE },
		{ 4, 0, FALSE },
		{ 63, 0, FALSE },
		{ XDPSHARK_EXTRA_MAX + 8, 0, FALSE },
		{ G_MAXUINT16 - 7, 0, FALSE },
		{ XDPSHARK_EXTRA_MAX, 513 - XDPSHARK_EXTRA_MAX, FALSE },
		{ XDPSHARK_EXTRA_MAX, G_MAXUINT32 - XDPSHARK_EXTRA_MAX + 1, FALSE },
	};
	struct xdpshark_cpu cpu = { .segments = 1, .taken = 1 };

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree struct xdpshark_segment *segment = g_malloc0(SEGMENT_SIZE);
		struct xdpshark_record *record = (void *)segment->data;
		Ring ring;

		record->extra = cases[i].extra;
		record->captured_length = cases[i].length;
		segment->used = sizeof(*record) + 512;
		g_assert_true(ring_init(&ring, &cpu, segment, 1, SEGMENT_SIZE));
		ring_look(&ring);
		g_assert_cmpuint(ring.time, ==, cases[i].right ? 0 : RING_EMPTY);
		g_assert_cmpuint(ring.damage, ==, !cases[i].right);
	}
}

/* The counter of segments falls below what was read, or rises over what there is: the ring is left
 * alone until it is right again, and not given back. */
static void test_wrong_count(void)
{
	static const gint32 wrong[] = { -1, -2, -100, 4, 5, 1000, G_MININT32 };

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		guint64 number = 0;
		Producer producer;
		guint32 taken;
		Ring ring;

		producer_init(&producer, 4, 0);
		ring = producer_ring(&producer);
		while (producer.cpu->taken < 2)
			produce(&producer);
		consume(&ring, &number, G_MAXUINT);
		taken = producer.cpu->taken;
		producer.cpu->taken = taken + (guint32)wrong[i];
		take_anything(&ring, &producer);
		g_assert_cmpuint(ring.damage, ==, 1);
		g_assert_cmpuint(producer.cpu->freed, ==, 1);
		producer.cpu->taken = taken;
		produce(&producer);
		consume(&ring, &number, G_MAXUINT);
		g_assert_cmpuint(number, ==, producer.next);
		producer_clear(&producer);
	}
}

/* A ring that is not within the memory is none. */
static void test_outside(void)
{
	static const struct {
		guint32 base, segments;
	} wrong[] = {
		{ BASE, 0 },
		{ BASE, 5 },
		{ 4, 4 },
		{ 7, 1 },
		{ G_MAXUINT32, 1 },
		{ 1, G_MAXUINT32 },
		{ G_MAXUINT32, G_MAXUINT32 },
	};
	Producer producer;
	Ring ring;

	producer_init(&producer, 4, 0);
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		producer.cpu->base = wrong[i].base;
		producer.cpu->segments = wrong[i].segments;
		g_assert_false(
			ring_init(&ring, producer.cpu, producer.memory, BASE + 4, SEGMENT_SIZE));
	}
	producer_clear(&producer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(orders); i++) {
		g_autofree char *order = g_strdup_printf("/ring/order/%s", orders[i].name);
		g_autofree char *full = g_strdup_printf("/ring/full/%s", orders[i].name);

		g_test_add_data_func(order, &orders[i], test_order);
		g_test_add_data_func(full, &orders[i], test_full);
	}
	g_test_add_func("/ring/concurrent", test_concurrent);
	g_test_add_func("/ring/scribbled", test_scribbled);
	g_test_add_func("/ring/scribbled meanwhile", test_scribbled_meanwhile);
	g_test_add_func("/ring/odd length", test_odd_length);
	g_test_add_func("/ring/changed", test_changed);
	g_test_add_func("/ring/too long", test_too_long);
	g_test_add_func("/ring/wrong extra", test_wrong_extra);
	g_test_add_func("/ring/wrong count", test_wrong_count);
	g_test_add_func("/ring/outside", test_outside);
	return g_test_run();
}
