// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

void ring_init(Ring *ring, struct xdpshark_cpu *cpu, void *segments, guint32 segment_size)
{
	*ring = (Ring){ .cpu = cpu, .segments = segments, .segment_size = segment_size };
}

static struct xdpshark_segment *segment_at(const Ring *ring, guint32 number)
{
	return (void *)(ring->segments + (gsize)number * ring->segment_size);
}

/* Number of a segment of this ring from the form in which the programs write it, or FALSE if there
 * is none. Whoever can write to the memory can crash nobody but himself; he should not by accident.
 */
static gboolean read_number(const Ring *ring, const guint32 *where, guint32 *number)
{
	*number = __atomic_load_n(where, __ATOMIC_ACQUIRE) - 1;
	return *number - ring->cpu->base < ring->cpu->segments;
}

static guint32 read_used(const Ring *ring)
{
	guint32 used = __atomic_load_n(&segment_at(ring, ring->current)->used, __ATOMIC_ACQUIRE);

	return MIN(used, ring->segment_size - (guint32)sizeof(struct xdpshark_segment));
}

static gboolean enter(Ring *ring, const guint32 *where)
{
	guint32 number;

	if (!read_number(ring, where, &number))
		return FALSE;
	ring->current = number;
	ring->position = 0;
	ring->end = read_used(ring);
	return TRUE;
}

/* Sets head to the record at the position, if one lies there as a whole. */
static gboolean find_head(Ring *ring)
{
	const struct xdpshark_record *record =
		(const void *)(segment_at(ring, ring->current)->data + ring->position);
	gsize room = ring->end - ring->position;

	ring->head = NULL;
	if (room < sizeof(*record) || record->captured_length > room - sizeof(*record))
		return FALSE;
	ring->head = record;
	ring->head_length = (sizeof(*record) + record->captured_length + 7) & ~7U;
	return TRUE;
}

/* A segment that has a successor gets no more records, but may have got some since the last look.
 */
static gboolean leave(Ring *ring)
{
	struct xdpshark_segment *segment = segment_at(ring, ring->current);
	guint32 before = ring->current, next;

	if (!read_number(ring, &segment->next, &next))
		return FALSE;
	ring->end = read_used(ring);
	if (ring->position < ring->end && find_head(ring))
		return TRUE;
	ring->spent |= 1ULL << (before - ring->cpu->base);
	return enter(ring, &segment->next);
}

/* Finds the next record, in the segments behind this one too: not more of them than there are,
 * whatever somebody has scribbled. */
static void seek(Ring *ring)
{
	for (guint32 i = 0; !find_head(ring) && i <= ring->cpu->segments; i++)
		if (!leave(ring))
			return;
}

void ring_look(Ring *ring)
{
	if (!ring->started)
		ring->started = enter(ring, &ring->cpu->first);
	ring->head = NULL;
	if (!ring->started)
		return;
	ring->end = read_used(ring);
	seek(ring);
}

void ring_advance(Ring *ring)
{
	ring->position += ring->head_length;
	seek(ring);
}

void ring_release(Ring *ring)
{
	if (ring->spent == 0)
		return;
	/* Nobody else writes it. */
	__atomic_store_n(&ring->cpu->freed, ring->cpu->freed ^ ring->spent, __ATOMIC_RELEASE);
	ring->spent = 0;
}

gboolean ring_pending(const Ring *ring)
{
	guint32 number;

	if (!ring->started)
		return read_number(ring, &ring->cpu->first, &number);
	return ring->position < read_used(ring) ||
	       read_number(ring, &segment_at(ring, ring->current)->next, &number);
}
