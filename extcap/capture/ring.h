/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's end of one CPU's ring: finds the records in its segments in their order, and gives
 * back those that are read. How the two sides share the memory is told at struct xdpshark_segment.
 */
#ifndef XDPSHARK_RING_H
#define XDPSHARK_RING_H

#include <glib.h>

#include "record.h"

typedef struct {
	struct xdpshark_cpu *cpu;
	guint8 *segments; /* of the ring */
	guint32 segment_size;
	guint32 segment_count;
	const struct xdpshark_record *head; /* the next record, or NULL if there is none yet */
	/* private */
	guint32 head_length; /* in the segment, padding included */
	guint32 entered;     /* segments that were begun to be read so far */
	guint32 spent;	     /* those among them that are read and not yet given back */
	guint32 current;     /* the segment that is being read */
	guint32 position;    /* of the next record in its data */
	guint32 end;	     /* bytes of records in its data, as far as it was looked at */
} Ring;

/* The memory must outlive the ring: the element of the CPU, and the segments of the capture. */
void ring_init(Ring *ring, struct xdpshark_cpu *cpu, void *segments, guint32 segment_size);

/* Looks whether there is more; sets head. */
void ring_look(Ring *ring);

/* Goes on to the record after head. What head was stays valid until ring_release(). */
void ring_advance(Ring *ring);

/* Gives back the segments that are read. */
void ring_release(Ring *ring);

/* TRUE if there is a record that has not been passed over. */
gboolean ring_pending(const Ring *ring);

#endif /* XDPSHARK_RING_H */
