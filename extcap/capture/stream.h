/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the packets of a capture into a pcapng stream: head, packets, statistics.
 */
#ifndef XDPSHARK_STREAM_H
#define XDPSHARK_STREAM_H

#include <glib.h>

#include "clock.h"
#include "counts.h"
#include "names.h"
#include "option.h"
#include "point.h"
#include "ring.h"

typedef struct Stream Stream;

/* clock must outlive the stream. verdict: also write epb_verdict. */
Stream *stream_new(const Clock *clock, OptionComments comments, gboolean verdict);
void stream_free(Stream *stream);

/* Packets have numbers of journeys: files of several captures, which all number theirs, may be
 * merged. */
void stream_name_journeys(Stream *stream);

/* It is to be pcap, before there is a head: packets alone, all of one link type. */
void stream_use_pcap(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

/* Adds a point, which it takes over; the packets' comments name its programs and devices. Points
 * are numbered from 0 in the order in which they are added. snaplen is in bytes, 0 for whole
 * packets. comment is for its interfaces, or NULL. */
void stream_add(Stream *stream, Point *point, const char *filter, guint32 snaplen,
		const char *comment);

/* Appends the section header and the interfaces. */
void stream_append_head(Stream *stream, GByteArray *out);

/* Appends the interfaces of a point that was added when there was a head already. */
void stream_append_point(Stream *stream, GByteArray *out, guint index);

/* What follows belongs to another file: with a head of its own, and statistics from now on
 * (monotonic, in ns), after those of the file before were appended. */
void stream_restart(Stream *stream, guint64 now);

/* Appends a packet of a point, or takes note of a device that packets will come from. A point gets
 * another interface in the file for packets of another link type. */
void stream_append_packet(Stream *stream, GByteArray *out, guint index, const RingPacket *packet);

/* Of a point whose packets are seen twice: which sightings are captured, SOURCE_AT_... (both, if
 * this is not called). To be called before there is a head. */
void stream_set_at(Stream *stream, guint index, guint at);

/* Takes over names, which tells what numbers in the point's records stand for. */
void stream_set_names(Stream *stream, guint index, Names *names);

/* Packets of a point whose record has that version (its low 8 bits) were judged by this filter, not
 * by that of stream_add(), which has version 0: they get interfaces of their own in the file. */
void stream_add_filter(Stream *stream, guint index, guint32 version, const char *filter);

/* Comments for the statistics of a point, or NULL: a remark, and what its user has changed. */
void stream_set_remark(Stream *stream, guint index, const char *remark);
void stream_set_changes(Stream *stream, guint index, const char *changes);

/* Appends the statistics of a point, at the end of a file: of counts, which are of the whole
 * capture, those that no file before has. Times are monotonic, in ns. */
void stream_append_statistics(Stream *stream, GByteArray *out, guint index, const Counts *counts,
			      guint64 start, guint64 end);

/* For interfaces and packets that do not come through the stream, but stand in the same file: the
 * number of another interface, and which file it is for (they count from 0, and each has numbers of
 * its own); and so many more packets. */
guint32 stream_claim_interface(Stream *stream);
guint stream_file(const Stream *stream);
void stream_count_packets(Stream *stream, guint64 packets);

/* Statistics of such an interface, of which only its packets are known. */
void stream_append_bare_statistics(const Stream *stream, GByteArray *out, guint32 interface,
				   guint64 packets, guint64 start, guint64 end);

/* Packets appended so far, to all files. */
guint64 stream_packets(const Stream *stream);

/* FALSE if there was a packet that the format has no place for. */
gboolean stream_check(const Stream *stream, GError **error);

/* Writing has ended early: of data, which was appended, only the first `written` bytes were
 * written. Packets that will never be written do not count any more. head: data begins with a
 * file's. *ret_partial is how many bytes were written of what was not written whole. */
void stream_take_back(Stream *stream, const guint8 *data, gsize length, gsize written,
		      gboolean head, gsize *ret_partial);

/* The number of points. */
guint stream_points(const Stream *stream);

/* A point as it is now; owned by the stream. */
const Point *stream_point(const Stream *stream, guint index);

/* TRUE once for each device from which packets came and that is not in a point's description: time
 * for stream_update_point() for point *ret_index. */
gboolean stream_wants_point(Stream *stream, guint *ret_index);

/* Replaces what is known of a point, its programs and devices, for packets from a time on
 * (monotonic, in ns; 0: for all that come). Takes over point. */
void stream_update_point(Stream *stream, guint index, Point *point, guint64 from);

#endif /* XDPSHARK_STREAM_H */
