/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a ring, for tests: does what the capture programs do, in ordinary memory.
 */
#ifndef XDPSHARK_TEST_PRODUCER_H
#define XDPSHARK_TEST_PRODUCER_H

#include "ring.h"

#define SEGMENT_SIZE ((guint32)4096)
#define DATA_SIZE    (SEGMENT_SIZE - (guint32)sizeof(struct xdpshark_segment))
#define BASE	     3 /* the ring's first segment is not the map's */
#define LENGTH_MAX   1500

typedef struct {
	struct xdpshark_cpu *cpu;
	guint8 *memory; /* of all segments; behind the last one nothing can be read */
	guint32 segments;
	guint64 next; /* number of the next record */
} Producer;

/* What the loader sets. So many segments were taken and given back before. */
void producer_init(Producer *producer, guint32 segments, guint32 before);
void producer_clear(Producer *producer);

Ring producer_ring(const Producer *producer);

struct xdpshark_segment *segment_at(const Producer *producer, guint32 number);

/* Bytes of the source's own that the record of that number has. */
guint32 producer_extra(guint64 number);

/* A record whose length and bytes follow from its number; FALSE if there is no room. Its time is
 * its number, or what is given. */
gboolean produce(Producer *producer);
gboolean produce_at(Producer *producer, guint64 time);

/* One with the bytes of the record that begins there in the segment, if there is any. */
gboolean produce_same(Producer *producer, guint32 other);

#endif /* XDPSHARK_TEST_PRODUCER_H */
