/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's end of one CPU's ring: finds the records in its segments in order, and gives back
 * segments that were read. How both sides share the memory is explained at struct xdpshark_segment.
 *
 * The memory is not trusted. Whatever is written to it, and whenever, nothing outside the ring is
 * read, and one look finds no more than the ring holds.
 */
#ifndef XDPSHARK_RING_H
#define XDPSHARK_RING_H

#include <glib.h>

#include "record.h"

/* A packet. Whatever memory safety and order depend on was read once and stays as it was checked.
 * The rest is in the ring, where it may change at any time: copying it would cost the reader 6 % of
 * the time for a small packet. */
typedef struct {
	guint64 time; /* this and the next ones: see struct xdpshark_record */
	guint32 captured_length;
	guint32 wire_length;
	guint32 extra;			      /* the source's own bytes, at record->data */
	const struct xdpshark_record *record; /* in the ring */
	const guint8 *data;		      /* the packet's bytes there */
} RingPacket;

/* Stands for the time of the next record if there is none. No record has it. */
#define RING_EMPTY G_MAXUINT64

typedef struct {
	guint64 time; /* of the next record, in ns, or RING_EMPTY */
	/* private */
	guint8 *data;	  /* of the segment being read; before the first one, of the last */
	guint32 length;	  /* the packet's bytes of the next record */
	guint32 extra;	  /* the source's bytes of it */
	guint32 position; /* of that record in its segment's data */
	guint32 end;	  /* bytes of records there, as of the last look */
	guint32 current;  /* number of that segment in the ring */
	guint32 entered;  /* segments entered so far, modulo 2^32 */
	guint32 taken;	  /* segments that the programs had taken at the last look, modulo 2^32 */
	guint32 spent;	  /* segments that were read but not given back yet */
	guint32 freed;	  /* segments given back so far, modulo 2^32 */
	gboolean begun;	  /* current is being read */
	guint damage;	  /* places that had something other than records */
	guint32 segment_size;
	guint32 segment_count;
	guint8 *segments; /* of the ring */
	struct xdpshark_cpu *cpu;
} Ring;

/* memory holds count segments of segment_size bytes, among them those of the CPU's ring. It and the
 * CPU's element must outlive the ring. FALSE if the CPU has no ring, or one that exceeds memory. */
gboolean ring_init(Ring *ret_ring, struct xdpshark_cpu *cpu, void *memory, guint32 count,
		   guint32 segment_size);

/* Looks for more records and sets time. Returns about how many bytes wait to be read. */
gsize ring_look(Ring *ring);

/* Size of the whole ring, in bytes. */
static inline gsize ring_size(const Ring *ring)
{
	return (gsize)ring->segment_count * ring->segment_size;
}

/* Takes the next record, which must exist, and goes on to the one after it. The packet's data stays
 * valid until ring_release(). */
void ring_take(Ring *ring, RingPacket *ret_packet);

/* Prefetches the record after the next one, for when it is this ring's turn again. */
void ring_prefetch(const Ring *ring);

/* Gives back the segments that were read. */
void ring_release_spent(Ring *ring);
static inline void ring_release(Ring *ring)
{
	if (ring->spent > 0)
		ring_release_spent(ring);
}

/* Asks the programs to wake the reader once a quarter of the ring is full. */
void ring_set_alarm(Ring *ring);

/* TRUE if there is a record that has not been taken. */
gboolean ring_pending(const Ring *ring);

#endif /* XDPSHARK_RING_H */
