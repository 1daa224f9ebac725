// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

void ring_init(Ring *ring, struct xdpshark_cpu *cpu, void *segments, guint32 segment_size)
{
	*ring = (Ring){
		.cpu = cpu,
		.segments = (guint8 *)segments + (gsize)cpu->base * segment_size,
		.segment_size = segment_size,
		.segment_count = cpu->segments,
	};
}

static struct xdpshark_segment *current_segment(const Ring *ring)
{
	return (void *)(ring->segments + (gsize)ring->current * ring->segment_size);
}

static guint32 read_taken(const Ring *ring)
{
	return __atomic_load_n(&ring->cpu->taken, __ATOMIC_ACQUIRE);
}

/* No more than there can be: whoever can write to the memory must not lead us out of it. */
static guint32 read_used(const Ring *ring)
{
	guint32 used = __atomic_load_n(&current_segment(ring)->used, __ATOMIC_ACQUIRE);

	return MIN(used, ring->segment_size - (guint32)sizeof(struct xdpshark_segment));
}

/* Sets head to the record at the position, if one lies there as a whole. */
static gboolean find_head(Ring *ring)
{
	const struct xdpshark_record *record =
		(const void *)(current_segment(ring)->data + ring->position);
	gsize room = ring->end - ring->position;

	ring->head = NULL;
	if (room < sizeof(*record) || record->captured_length > room - sizeof(*record))
		return FALSE;
	ring->head = record;
	ring->head_length = (sizeof(*record) + record->captured_length + 7) & ~7U;
	return TRUE;
}

/* The last segment that was taken still gets records; those before do not, but this one may have
 * got some since the last look. */
static gboolean leave(Ring *ring)
{
	if (read_taken(ring) == ring->entered)
		return FALSE;
	ring->end = read_used(ring);
	if (ring->position < ring->end && find_head(ring))
		return TRUE;
	ring->current = (ring->current + 1) % ring->segment_count;
	ring->entered++;
	ring->spent++;
	ring->position = 0;
	ring->end = read_used(ring);
	return TRUE;
}

/* Finds the next record, in the segments behind this one too: not more of them than there are,
 * whatever somebody has scribbled. */
static void seek(Ring *ring)
{
	for (guint32 i = 0; !find_head(ring) && i <= ring->segment_count; i++)
		if (!leave(ring))
			return;
}

void ring_look(Ring *ring)
{
	ring->head = NULL;
	if (ring->entered == 0) {
		if (read_taken(ring) == 0)
			return;
		ring->entered = 1;
	}
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
	__atomic_store_n(&ring->cpu->freed, ring->cpu->freed + ring->spent, __ATOMIC_RELEASE);
	ring->spent = 0;
}

gboolean ring_pending(const Ring *ring)
{
	return read_taken(ring) != ring->entered ||
	       (ring->entered > 0 && ring->position < read_used(ring));
}
