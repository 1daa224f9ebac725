/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that refer to the bytes of an earlier one: they are those of that one, as long as the
 * ring is not given back; and one that refers to none is damaged, and has no bytes. */
#include "producer.h"

#include <string.h>

#define NUMBER 3 /* of the record that others refer to */

/* Where the next record begins. */
static guint32 next_offset(const Producer *producer)
{
	return producer->cpu->offset;
}

/* Produces packets up to NUMBER. Returns where that begins. */
static guint32 begin(Producer *producer, guint32 segments)
{
	producer_init(producer, segments, 0);
	while (producer->next < NUMBER)
		g_assert_true(produce_at(producer, producer->next));
	/* In a segment of its own, if there is no room beside the others. */
	g_assert_true(produce(producer));
	return next_offset(producer) -
	       (guint32)((sizeof(struct xdpshark_record) + producer_extra(NUMBER) +
			  NUMBER * 7919 % (LENGTH_MAX + 1) + 7) &
			 ~7U);
}

static void skip(Ring *ring, guint64 count)
{
	ring_look(ring);
	while (count-- > 0) {
		RingPacket packet;

		ring_take(ring, &packet);
		g_assert_cmpuint(packet.record->kind, ==, XDPSHARK_KIND_PACKET);
	}
}

static void check_same(const RingPacket *packet, guint64 number)
{
	g_assert_cmpuint(packet->record->packet, ==, number);
	g_assert_cmpuint(packet->captured_length, ==, NUMBER * 7919 % (LENGTH_MAX + 1));
	g_assert_cmpuint(packet->wire_length, ==, packet->captured_length);
	g_assert_cmpuint(packet->extra, ==, producer_extra(number));
	for (guint32 i = 0; i < packet->extra; i++)
		g_assert_cmpuint(packet->record->data[i], ==, 255 - number % 251);
	for (guint32 i = 0; i < packet->captured_length; i++)
		g_assert_cmpuint(packet->data[i], ==, NUMBER);
}

/* Right behind the one with the bytes, and behind others. */
static void test_same(void)
{
	Producer producer;
	guint32 other = begin(&producer, 4);
	Ring ring = producer_ring(&producer);
	RingPacket packet;

	for (guint i = 0; i < 3; i++)
		g_assert_true(produce_same(&producer, other));
	skip(&ring, NUMBER + 1);
	for (guint i = 0; i < 3; i++) {
		ring_look(&ring);
		ring_take(&ring, &packet);
		check_same(&packet, NUMBER + 1 + i);
		ring_release(&ring);
		check_same(&packet, NUMBER + 1 + i);
	}
	g_assert_true(ring.time == RING_EMPTY);
	g_assert_cmpuint(ring.damage, ==, 0);
	producer_clear(&producer);
}

/* The records that follow are not concerned. */
static void check_none(Producer *producer, guint32 other)
{
	Ring ring = producer_ring(producer);
	RingPacket packet;

	g_assert_true(produce_same(producer, other));
	skip(&ring, NUMBER + 1);
	ring_take(&ring, &packet);
	g_assert_cmpuint(packet.captured_length, ==, 0);
	g_assert_cmpuint(ring.damage, ==, 1);
	g_assert_true(produce(producer));
	ring_look(&ring);
	ring_take(&ring, &packet);
	g_assert_cmpuint(packet.record->packet, ==, NUMBER + 2);
	g_assert_cmpuint(packet.captured_length, ==, (NUMBER + 2) * 7919 % (LENGTH_MAX + 1));
	g_assert_cmpuint(ring.damage, ==, 1);
}

/* To itself, to what comes later, to no multiple of 8, out of the segment. */
static void test_none(void)
{
	static const gint64 wrong[] = { 0, 8, 4096, 1 << 20, G_MAXINT32 };
	static const guint32 odd[] = { 1, 4, 7 };
	Producer producer;

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		begin(&producer, 4);
		check_none(&producer, next_offset(&producer) + (guint32)wrong[i]);
		producer_clear(&producer);
	}
	for (guint i = 0; i < G_N_ELEMENTS(odd); i++) {
		guint32 other = begin(&producer, 4);

		check_none(&producer, other + odd[i]);
		producer_clear(&producer);
	}
	begin(&producer, 4);
	check_none(&producer, G_MAXUINT32 - 7);
	producer_clear(&producer);
}

/* The one with the bytes is damaged itself: its lengths must not lead behind the one that refers to
 * it. */
static void test_damaged(void)
{
	static const struct {
		guint32 length, extra;
	} wrong[] = {
		{ LENGTH_MAX + 1, 0 },
		{ G_MAXUINT32, 0 },
		{ G_MAXUINT32 - sizeof(struct xdpshark_record) + 1, 0 },
		{ XDPSHARK_SNAPLEN_MAX + 1, 0 },
		{ 0, XDPSHARK_EXTRA_MAX + 8 },
		{ 0, 4 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		Producer producer;
		guint32 other = begin(&producer, 4);
		Ring ring = producer_ring(&producer);
		struct xdpshark_record *record;
		RingPacket packet;

		g_assert_true(produce_same(&producer, other));
		record = (void *)(segment_at(&producer, producer.cpu->current)->data + other);
		skip(&ring, NUMBER + 1);
		record->captured_length = wrong[i].length;
		record->extra = (guint16)wrong[i].extra;
		ring_take(&ring, &packet);
		g_assert_cmpuint(packet.captured_length, ==, 0);
		g_assert_cmpuint(ring.damage, ==, 1);
		producer_clear(&producer);
	}
}

/* With another length than that of a reference. */
static void test_length(void)
{
	Producer producer;
	guint32 other = begin(&producer, 4);
	Ring ring = producer_ring(&producer);
	struct xdpshark_record *record;
	RingPacket packet;

	g_assert_true(produce_same(&producer, other));
	record = (void *)(segment_at(&producer, producer.cpu->current)->data +
			  producer.cpu->offset - sizeof(*record) - producer_extra(NUMBER + 1) -
			  sizeof(struct xdpshark_same));
	record->captured_length = 4;
	skip(&ring, NUMBER + 1);
	ring_take(&ring, &packet);
	g_assert_cmpuint(packet.captured_length, ==, 0);
	g_assert_cmpuint(ring.damage, ==, 1);
	producer_clear(&producer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ring/same/as before", test_same);
	g_test_add_func("/ring/same/as none", test_none);
	g_test_add_func("/ring/same/as a damaged one", test_damaged);
	g_test_add_func("/ring/same/of another length", test_length);
	return g_test_run();
}
