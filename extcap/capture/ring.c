// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

/* The programs wake the reader when a quarter of the ring is full. What comes until it looks must
 * fit into the rest. */
#define ALARM_PART 4

/* Values in shared memory are read once, with these: a compiler may read an ordinary one twice. */
#define READ_ONCE(VALUE)    __atomic_load_n(&(VALUE), __ATOMIC_RELAXED)
#define READ_ACQUIRE(VALUE) __atomic_load_n(&(VALUE), __ATOMIC_ACQUIRE)

static struct xdpshark_segment *segment_at(const Ring *ring, guint32 number)
{
	return (void *)(ring->segments + (gsize)number * ring->segment_size);
}

gboolean ring_init(Ring *ret_ring, struct xdpshark_cpu *cpu, void *memory, guint32 count,
		   guint32 segment_size)
{
	/* The programs set this last. */
	guint32 segments = READ_ACQUIRE(cpu->segments), base = READ_ONCE(cpu->base);
	guint32 freed = READ_ONCE(cpu->freed);

	if (segments == 0 || segments > count || base > count - segments)
		return FALSE;
	*ret_ring = (Ring){
		.time = RING_EMPTY,
		.current = segments - 1,
		.entered = freed,
		.taken = freed,
		.freed = freed,
		.segments = (guint8 *)memory + (gsize)base * segment_size,
		.segment_size = segment_size,
		.segment_count = segments,
		.cpu = cpu,
	};
	ret_ring->data = segment_at(ret_ring, ret_ring->current)->data;
	return TRUE;
}

/* Limited to what is possible. */
static guint32 read_used(const Ring *ring)
{
	guint32 used = READ_ACQUIRE(segment_at(ring, ring->current)->used);

	return MIN(used, ring->segment_size - (guint32)sizeof(struct xdpshark_segment)) & ~7U;
}

/* The size of the next record with its data. */
static guint32 record_size(const Ring *ring)
{
	return ((guint32)sizeof(struct xdpshark_record) + ring->extra + ring->length + 7) & ~7U;
}

static struct xdpshark_record *record_at(const Ring *ring, guint32 position)
{
	return (void *)(ring->data + position);
}

/* Skips the rest of this segment: what follows is not a record, and there is no way to find the
 * next one. */
static gboolean pass_over(Ring *ring)
{
	ring->damage++;
	ring->position = ring->end;
	return FALSE;
}

/* Reads time and lengths of the record at the position, if there is one. */
static gboolean find_record(Ring *ring)
{
	const struct xdpshark_record *record = record_at(ring, ring->position);
	guint32 length, extra, room = ring->end - ring->position;
	guint64 time;

	ring->time = RING_EMPTY;
	if (ring->position >= ring->end)
		return FALSE;
	if (room < sizeof(*record))
		return pass_over(ring);
	extra = READ_ONCE(record->extra);
	length = READ_ONCE(record->captured_length);
	if (extra & ~XDPSHARK_EXTRA_MAX || length > XDPSHARK_SNAPLEN_MAX ||
	    length + extra > room - sizeof(*record))
		return pass_over(ring);
	time = READ_ONCE(record->time);
	ring->length = length;
	ring->extra = extra;
	ring->time = MIN(time, RING_EMPTY - 1);
	return TRUE;
}

static void enter_next(Ring *ring)
{
	ring->spent += ring->begun;
	ring->begun = TRUE;
	ring->current = ring->current + 1 < ring->segment_count ? ring->current + 1 : 0;
	ring->data = segment_at(ring, ring->current)->data;
	ring->entered++;
	ring->position = 0;
	ring->end = read_used(ring);
}

/* Finds the next record, in this segment or a later one. */
static void seek(Ring *ring)
{
	while (!find_record(ring) && ring->entered != ring->taken)
		enter_next(ring);
}

gsize ring_look(Ring *ring)
{
	/* Read this first: once another segment is taken, the one before it gets no more
	 * records. */
	guint32 taken = READ_ACQUIRE(ring->cpu->taken);
	guint32 held = taken - ring->freed;

	/* The counter went back, or more was taken than we gave back: no segment can be trusted. */
	if (held < ring->entered - ring->freed || held > ring->segment_count) {
		ring->damage++;
		return 0;
	}
	ring->taken = taken;
	if (ring->begun)
		ring->end = read_used(ring);
	seek(ring);
	return (gsize)(taken - ring->entered) * ring->segment_size + ring->end - ring->position;
}

/* The bytes of the record that another one at the position refers to, which comes before it in the
 * segment. NULL if there is none. */
static const guint8 *find_same(const Ring *ring, guint32 *ret_length)
{
	const struct xdpshark_record *record = record_at(ring, ring->position), *other;
	const struct xdpshark_same *same = (const void *)(record->data + ring->extra);
	guint32 position, extra, length;

	if (ring->length != sizeof(*same))
		return NULL;
	position = READ_ONCE(same->record);
	if (position % 8 != 0 || position >= ring->position)
		return NULL;
	other = record_at(ring, position);
	extra = READ_ONCE(other->extra);
	length = READ_ONCE(other->captured_length);
	if (extra & ~XDPSHARK_EXTRA_MAX || length > XDPSHARK_SNAPLEN_MAX ||
	    sizeof(*other) + extra + length > ring->position - position)
		return NULL;
	*ret_length = length;
	return other->data + extra;
}

/* The packet's bytes are in another record. */
static void refer(Ring *ring, RingPacket *packet)
{
	guint32 length = 0;
	const guint8 *data = find_same(ring, &length);

	if (!data)
		ring->damage++;
	packet->captured_length = length;
	if (data)
		packet->data = data;
	packet->wire_length = MAX(READ_ONCE(packet->record->wire_length), length);
}

void ring_take(Ring *ring, RingPacket *ret_packet)
{
	const struct xdpshark_record *record = record_at(ring, ring->position);
	guint32 wire_length = READ_ONCE(record->wire_length);

	*ret_packet = (RingPacket){
		.time = ring->time,
		.captured_length = ring->length,
		.wire_length = MAX(wire_length, ring->length),
		.extra = ring->extra,
		.record = record,
		.data = record->data + ring->extra,
	};
	if (READ_ONCE(record->kind) == XDPSHARK_KIND_SAME)
		refer(ring, ret_packet);
	ring->position += record_size(ring);
	seek(ring);
}

void ring_prefetch(const Ring *ring)
{
	const guint8 *next = ring->data + ring->position + record_size(ring);

	__builtin_prefetch(next);
	__builtin_prefetch(next + 64);
}

void ring_release_spent(Ring *ring)
{
	ring->freed += ring->spent;
	ring->spent = 0;
	__atomic_store_n(&ring->cpu->freed, ring->freed, __ATOMIC_RELEASE);
}

void ring_set_alarm(Ring *ring)
{
	/* The segment being filled counts, too. */
	guint32 alarm = MAX(ring->segment_count / ALARM_PART, 2);

	if (READ_ONCE(ring->cpu->alarm) != alarm)
		__atomic_store_n(&ring->cpu->alarm, alarm, __ATOMIC_RELAXED);
}

gboolean ring_pending(const Ring *ring)
{
	return ring->time != RING_EMPTY || READ_ACQUIRE(ring->cpu->taken) != ring->taken ||
	       (ring->begun && read_used(ring) > ring->position);
}
