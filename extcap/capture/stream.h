/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the packets of a capture into a pcapng stream: head, packets, statistics.
 */
#ifndef XDPSHARK_STREAM_H
#define XDPSHARK_STREAM_H

#include <glib.h>

#include "clock.h"
#include "counts.h"
#include "option.h"
#include "point.h"
#include "ring.h"

typedef struct Stream Stream;

/* clock must outlive the stream. verdict: write epb_verdict too. */
Stream *stream_new(const Clock *clock, OptionComments comments, gboolean verdict);
void stream_free(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

/* Adds the interface of a point; numbered in the order of their being added, from 0. Takes over
 * point, whose programs and devices the packets' comments name. snaplen in bytes, 0 for whole
 * packets. comment: on the interface, or NULL. */
void stream_add(Stream *stream, Point *point, const char *filter, guint32 snaplen,
		const char *comment);

/* Section header and interfaces. */
void stream_append_head(Stream *stream, GByteArray *out);

/* One packet of an interface, or a device that packets will come from. Packets of another link type
 * than those before get an interface of their own in the file first. */
void stream_append_packet(Stream *stream, GByteArray *out, guint interface,
			  const RingPacket *packet);

/* What stands in the statistics of an interface besides, or NULL. */
void stream_set_remark(Stream *stream, guint interface, const char *remark);

/* The statistics of one interface, at the end. Times are monotonic, in ns. */
void stream_append_statistics(const Stream *stream, GByteArray *out, guint interface,
			      const Counts *counts, guint64 start, guint64 end);

/* Packets appended so far, of one interface or of all. */
guint64 stream_packets(const Stream *stream);

/* So many of the packets that were appended will never be written: they do not count. */
void stream_take_back(Stream *stream, guint64 packets);

/* How many there are. */
guint stream_points(const Stream *stream);

/* Hands out the point of an interface, as it is now; it stays the stream's. */
const Point *stream_point(const Stream *stream, guint interface);

/* TRUE once after packets came from a device that the point's description does not know: it is time
 * for stream_update_point(). Once for each device. */
gboolean stream_wants_point(Stream *stream, guint *interface);

/* Replaces what is known of an interface's point, its programs and devices, for the packets from a
 * time on (monotonic, in ns; 0: for all that come); takes over point. */
void stream_update_point(Stream *stream, guint interface, Point *point, guint64 from);

#endif /* XDPSHARK_STREAM_H */
