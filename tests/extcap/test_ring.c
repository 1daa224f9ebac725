/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's end of a ring, against a producer that does what the capture programs do: every
 * record arrives once, whole and in order; a segment is not written again before it was given back;
 * and memory that somebody scribbled on crashes nobody. */
#include "ring.h"

#include <string.h>

#define SEGMENT_SIZE ((guint32)4096)
#define DATA_SIZE    (SEGMENT_SIZE - (guint32)sizeof(struct xdpshark_segment))
#define BASE	     3 /* the ring's first segment is not the map's */
#define LENGTH_MAX   1500
#define RECORDS	     200000

typedef struct {
	struct xdpshark_cpu cpu;
	guint64 *memory; /* of all segments */
	guint32 segments;
	guint64 next; /* number of the next record */
} Producer;

static struct xdpshark_segment *segment_at(const Producer *producer, guint32 number)
{
	return (void *)((guint8 *)producer->memory + (gsize)number * SEGMENT_SIZE);
}

static void producer_init(Producer *producer, guint32 segments)
{
	*producer = (Producer){
		.cpu = { .base = BASE, .current = BASE, .segments = segments },
		.memory = g_malloc0((gsize)(BASE + segments) * SEGMENT_SIZE),
		.segments = segments,
	};
}

static gboolean take_segment(Producer *producer)
{
	struct xdpshark_cpu *cpu = &producer->cpu;

	if (cpu->taken - __atomic_load_n(&cpu->freed, __ATOMIC_ACQUIRE) >= producer->segments)
		return FALSE;
	if (cpu->taken > 0)
		cpu->current++;
	if (cpu->current == BASE + producer->segments)
		cpu->current = BASE;
	memset(segment_at(producer, cpu->current), 0, SEGMENT_SIZE);
	cpu->offset = 0;
	__atomic_store_n(&cpu->taken, cpu->taken + 1, __ATOMIC_RELEASE);
	return TRUE;
}

/* A record whose length and bytes follow from its number; FALSE if there is no room. */
static gboolean produce(Producer *producer)
{
	guint32 length = (guint32)(producer->next * 7919 % (LENGTH_MAX + 1));
	guint32 size = (guint32)(sizeof(struct xdpshark_record) + length + 7) & ~7U;
	struct xdpshark_segment *segment;
	struct xdpshark_record *record;

	if ((producer->cpu.taken == 0 || producer->cpu.offset + size > DATA_SIZE) &&
	    !take_segment(producer))
		return FALSE;
	segment = segment_at(producer, producer->cpu.current);
	record = (void *)(segment->data + producer->cpu.offset);
	*record = (struct xdpshark_record){ .packet = producer->next, .captured_length = length };
	memset(record->data, (int)(producer->next % 251), length);
	producer->cpu.offset += size;
	__atomic_store_n(&segment->used, producer->cpu.offset, __ATOMIC_RELEASE);
	producer->next++;
	return TRUE;
}

static void assert_record(const struct xdpshark_record *record, guint64 number)
{
	g_assert_cmpuint(record->packet, ==, number);
	g_assert_cmpuint(record->captured_length, ==, number * 7919 % (LENGTH_MAX + 1));
	for (guint32 i = 0; i < record->captured_length; i++)
		g_assert_cmpuint(record->data[i], ==, number % 251);
}

/* Reads up to count records. The one that is passed over must stay what it was until the release.
 */
static void consume(Ring *ring, guint64 *number, guint count)
{
	ring_look(ring);
	while (ring->head && count-- > 0) {
		const struct xdpshark_record *record = ring->head;

		ring_advance(ring);
		assert_record(record, (*number)++);
		ring_release(ring);
	}
}

static void test_order(gconstpointer data)
{
	guint32 segments = GPOINTER_TO_UINT(data);
	guint64 number = 0;
	gboolean filled = FALSE;
	Producer producer;
	Ring ring;

	producer_init(&producer, segments);
	ring_init(&ring, &producer.cpu, producer.memory, SEGMENT_SIZE);
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
	g_free(producer.memory);
}

/* Nothing is lost of a ring that is read only after it is full. */
static void test_full(void)
{
	guint64 number = 0;
	Producer producer;
	Ring ring;

	producer_init(&producer, 64);
	ring_init(&ring, &producer.cpu, producer.memory, SEGMENT_SIZE);
	while (produce(&producer))
		;
	g_assert_cmpuint(producer.cpu.taken, ==, 64);
	g_assert_false(produce(&producer));
	consume(&ring, &number, G_MAXUINT);
	g_assert_cmpuint(number, ==, producer.next);
	g_assert_true(produce(&producer));
	g_free(producer.memory);
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

	producer_init(&producer, 4);
	ring_init(&ring, &producer.cpu, producer.memory, SEGMENT_SIZE);
	thread = g_thread_new("producer", produce_all, &producer);
	while (number < RECORDS) {
		consume(&ring, &number, G_MAXUINT);
		g_thread_yield();
	}
	g_thread_join(thread);
	g_free(producer.memory);
}

static void test_scribbled(void)
{
	for (guint round = 0; round < 2000; round++) {
		Producer producer;
		Ring ring;

		producer_init(&producer, 4);
		ring_init(&ring, &producer.cpu, producer.memory, SEGMENT_SIZE);
		while (produce(&producer))
			;
		for (guint i = 0; i < 20; i++) {
			guint32 at = (guint32)g_test_rand_int_range(
				0, (gint32)((gsize)(BASE + 4) * SEGMENT_SIZE / sizeof(guint32)));

			((guint32 *)(void *)producer.memory)[at] = (guint32)g_test_rand_int();
		}
		segment_at(&producer, BASE + round % 4)->used = (guint32)g_test_rand_int();
		producer.cpu.taken = (guint32)g_test_rand_int();
		ring_look(&ring);
		/* It may be led in a circle, but not out of the memory. */
		for (guint i = 0; ring.head && i < 1000; i++)
			ring_advance(&ring);
		ring_release(&ring);
		g_free(producer.memory);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/ring/order/2", GUINT_TO_POINTER(2), test_order);
	g_test_add_data_func("/ring/order/3", GUINT_TO_POINTER(3), test_order);
	g_test_add_data_func("/ring/order/64", GUINT_TO_POINTER(64), test_order);
	g_test_add_func("/ring/full", test_full);
	g_test_add_func("/ring/concurrent", test_concurrent);
	g_test_add_func("/ring/scribbled", test_scribbled);
	return g_test_run();
}
