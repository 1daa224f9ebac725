// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <string.h>

#include "comment.h"
#include "common.h"
#include "feed.h"
#include "host.h"
#include "pcap.h"

struct Stream {
	const Clock *clock;
	LabelStyle style;
	guint32 track; /* what tells our journeys from those of other captures; 0: there are none */
	gboolean pcap;
	char *misfit;		 /* pcap: the device of a packet of another link type, or NULL */
	guint64 restarted;	 /* monotonic, in ns: when the current file began; 0: the first */
	guint64 packets_before;	 /* in files before */
	guint64 others;		 /* packets that did not come through it */
	guint files;		 /* before the current one */
	guint64 taken_back;	 /* packets that were not written after all */
	GPtrArray *points;	 /* Feed * */
	guint32 interface_count; /* interfaces that the file has so far */
	char *os;
};

Stream *stream_new(const Clock *clock, OptionComments comments, gboolean verdict)
{
	Stream *stream = g_new0(Stream, 1);

	stream->clock = clock;
	stream->style = (LabelStyle){ comments, verdict, host_namespace() };
	stream->points = g_ptr_array_new_with_free_func(feed_free);
	stream->os = host_describe_os();
	return stream;
}

void stream_free(Stream *stream)
{
	if (!stream)
		return;
	g_ptr_array_unref(stream->points);
	g_free(stream->misfit);
	g_free(stream->os);
	g_free(stream);
}

void stream_use_pcap(Stream *stream)
{
	stream->pcap = TRUE;
}

void stream_add(Stream *stream, Point *point, const char *filter, guint32 snaplen,
		const char *comment)
{
	g_ptr_array_add(stream->points, feed_new(point, filter, snaplen, comment));
}

void stream_add_filter(Stream *stream, guint index, guint32 version, const char *filter)
{
	Feed *feed = g_ptr_array_index(stream->points, index);

	filter_versions_add(feed->versions, version, filter);
	/* Of an older version that had the same number. */
	feed_forget_labels(feed);
}

/* As xdpdump names them: its users' habits, and what Wireshark can do with such names, go on. */
static char *format_name(const Point *point, guint8 direction, const PointDevice *device)
{
	if (!feed_direction(direction))
		return point->type->places ? point_typed(point) : g_strdup(point->name);
	return g_strdup_printf("%s%s:%s()@f%s", point->type == &source_tc ? "tc:" : "",
			       device ? device->name : point->address, point->name,
			       feed_direction(direction));
}

/* Where packets with that label go. */
static FileInterface *find_interface(FilterVersion *version, guint8 direction, const Label *label)
{
	return label->place ? filter_version_place(version, label->place, label->link)
			    : filter_version_interface(version, direction, label->link);
}

/* Adds the interface of the point's packets of that version and direction, with such labels, to the
 * file. */
static void append_interface(Stream *stream, GByteArray *out, const Feed *feed,
			     FilterVersion *version, guint8 direction, const Label *label)
{
	const Point *point = feed->point;
	const LinkType link = label->link;
	const PointDevice *device = common_device(point, link);
	FileInterface *interface = find_interface(version, direction, label);
	const char *at = label->place ? label->place_name : point->name;
	Comment common = {
		.address = point->address,
		.at = point->type->places ? at : feed_direction(direction),
		.way = point_way_word(point),
		.queue = -1,
		.cpu = -1,
		.track = stream->track,
	};
	g_autofree char *name = label->place ? g_strdup_printf("%s:%s", point->type->scheme, at)
					     : format_name(point, direction, device);
	g_autofree char *description = NULL;
	PcapngInterface block = {
		.link = link,
		.name = name,
		.filter = version->filter,
		.os = stream->os,
		.comment = feed->comment,
		.mac = device && device->has_mac ? device->mac : NULL,
		.speed = device ? device->speed : 0,
		.snaplen = feed->snaplen,
	};

	common_clear(&interface->common);
	common_set(&interface->common, point, link);
	common.program = interface->common.program;
	common.program_id = interface->common.program_id;
	common.device = interface->common.device;
	common.namespace = interface->common.namespace;
	description = comment_format(point->type, &common);
	block.description = description;
	interface->number = stream->interface_count++;
	interface->written = TRUE;
	pcapng_append_interface(out, &block);
}

static void append_point(Stream *stream, GByteArray *out, const Feed *feed)
{
	const Label label = { .link = feed->link };

	for (guint direction = 0; direction < DIRECTIONS; direction++)
		if (feed_has_direction(feed, (guint8)direction))
			append_interface(stream, out, feed, filter_versions_newest(feed->versions),
					 (guint8)direction, &label);
}

void stream_name_journeys(Stream *stream)
{
	stream->track = g_random_int() | 1;
}

void stream_append_head(Stream *stream, GByteArray *out)
{
	g_autofree char *hardware = host_describe_hardware();
	const PcapngSection section = {
		.hardware = hardware,
		.os = stream->os,
		.application = "xdpshark " XDPSHARK_VERSION,
	};

	if (stream->pcap) {
		const Feed *first = g_ptr_array_index(stream->points, 0);

		pcap_append_head(out, first->link, first->snaplen);
		return;
	}
	pcapng_append_section(out, &section);
	for (guint i = 0; i < stream->points->len; i++)
		append_point(stream, out, g_ptr_array_index(stream->points, i));
}

void stream_append_point(Stream *stream, GByteArray *out, guint index)
{
	if (!stream->pcap)
		append_point(stream, out, g_ptr_array_index(stream->points, index));
}

static guint64 count_packets(const Stream *stream)
{
	guint64 packets = 0;

	for (guint i = 0; i < stream->points->len; i++) {
		const Feed *feed = g_ptr_array_index(stream->points, i);

		packets += filter_versions_packets(feed->versions);
	}
	return packets;
}

void stream_restart(Stream *stream, guint64 now)
{
	stream->restarted = now;
	stream->files++;
	stream->packets_before += count_packets(stream);
	stream->interface_count = 0;
	for (guint i = 0; i < stream->points->len; i++) {
		Feed *feed = g_ptr_array_index(stream->points, i);

		filter_versions_restart(feed->versions);
		/* Packets of the new file may have something else in common. */
		feed_forget_labels(feed);
	}
}

/* Of the link type that the file has. */
static void append_pcap(Stream *stream, GByteArray *out, const RingPacket *packet)
{
	pcap_append_packet(out, clock_realtime(stream->clock, packet->time),
			   packet->captured_length, packet->wire_length, packet->data);
}

/* In pcap, a packet of another link type ends the capture. */
static gboolean check_link(Stream *stream, const Feed *feed, const Origin *origin, LinkType link)
{
	const Feed *first = g_ptr_array_index(stream->points, 0);
	OriginFacts facts;

	if (link == first->link)
		return TRUE;
	if (!stream->misfit) {
		origin_describe(origin, feed->point, &facts);
		stream->misfit = g_strdup(facts.name ? facts.name : "another device");
	}
	return FALSE;
}

void stream_append_packet(Stream *stream, GByteArray *out, guint index, const RingPacket *packet)
{
	Feed *feed = g_ptr_array_index(stream->points, index);
	const struct xdpshark_record *record = packet->record;
	const Label *label;
	Label *own; /* of this packet alone */
	Sighting sighting;

	if (record->kind == XDPSHARK_KIND_DEVICE) {
		feed_learn_origin(feed, packet);
		return;
	}
	if (feed->next && packet->time >= feed->next_from)
		feed_set_point(feed, g_steal_pointer(&feed->next));
	const LabelKey key = feed_key(feed, packet);
	FilterVersion *version = filter_versions_find(feed->versions, key.version);
	own = feed_own_label(feed, &stream->style, &key, packet, &sighting);
	label = own ? own : feed_label(feed, &stream->style, &key);
	FileInterface *interface = find_interface(version, key.direction, label);

	if (stream->pcap && !check_link(stream, feed, key.origin, label->link)) {
		if (own)
			label_free(own);
		return;
	}
	if (!stream->pcap && !interface->written) {
		append_interface(stream, out, feed, version, key.direction, label);
		/* Only now it is known what its packets have in common. */
		feed_forget_labels(feed);
		if (!own)
			label = feed_label(feed, &stream->style, &key);
	}
	const PcapngPacket block = {
		.interface = interface->number,
		.time = clock_realtime(stream->clock, packet->time),
		.captured_length = packet->captured_length,
		.wire_length = packet->wire_length,
		.data = packet->data,
		.packet_id = record->packet,
		.dropped = record->lost,
		.options = label->options,
		.words = sighting.words,
		.words_length = sighting.length,
	};

	interface->packets++;
	if (stream->pcap)
		append_pcap(stream, out, packet);
	else
		pcapng_append_packet(out, &block);
	if (own)
		label_free(own);
}

void stream_set_at(Stream *stream, guint index, guint at)
{
	Feed *feed = g_ptr_array_index(stream->points, index);

	feed->at = at;
}

void stream_set_names(Stream *stream, guint index, Names *names)
{
	Feed *feed = g_ptr_array_index(stream->points, index);

	names_free(feed->names);
	feed->names = names;
}

void stream_set_remark(Stream *stream, guint index, const char *remark)
{
	Feed *feed = g_ptr_array_index(stream->points, index);

	g_free(feed->remark);
	feed->remark = g_strdup(remark);
}

void stream_set_changes(Stream *stream, guint index, const char *changes)
{
	Feed *feed = g_ptr_array_index(stream->points, index);

	g_free(feed->changes);
	feed->changes = g_strdup(changes);
}

/* Of the interfaces of one version. */
static void append_statistics_of(Feed *feed, GByteArray *out, const FilterVersion *version,
				 PcapngStatistics *statistics, const Counts *counts)
{
	for (guint i = 0; i < version->interfaces->len; i++) {
		const FileInterface *interface = g_ptr_array_index(version->interfaces, i);

		if (!interface->written)
			continue;
		statistics->interface = interface->number;
		statistics->delivered = interface->packets;
		/* Without an interface they wait for a file that has one. */
		feed->counted = *counts;
		/* The kernel's counts are for the whole point, and go into its first interface. */
		statistics->only_delivered =
			interface->number != filter_versions_first(feed->versions);
		pcapng_append_statistics(out, statistics);
	}
}

void stream_append_statistics(Stream *stream, GByteArray *out, guint index, const Counts *counts,
			      guint64 start, guint64 end)
{
	Feed *feed = g_ptr_array_index(stream->points, index);
	const Counts before = feed->counted;
	PcapngStatistics statistics = {
		.time = clock_realtime(stream->clock, end),
		.start = clock_realtime(stream->clock, MAX(start, stream->restarted)),
		.end = clock_realtime(stream->clock, end),
		.received = counts_received(counts, ~0U) - counts_received(&before, ~0U),
		.dropped = counts_lost(counts, ~0U) - counts_lost(&before, ~0U),
		.accepted = counts_matched(counts, ~0U) - counts_matched(&before, ~0U),
		.comment = feed->remark,
		.changes = feed->changes,
	};

	for (guint i = 0; i < feed->versions->len; i++)
		append_statistics_of(feed, out, g_ptr_array_index(feed->versions, i), &statistics,
				     counts);
}

void stream_append_bare_statistics(const Stream *stream, GByteArray *out, guint32 interface,
				   guint64 packets, guint64 start, guint64 end)
{
	const PcapngStatistics statistics = {
		.interface = interface,
		.time = clock_realtime(stream->clock, end),
		.start = clock_realtime(stream->clock, MAX(start, stream->restarted)),
		.end = clock_realtime(stream->clock, end),
		.delivered = packets,
		.only_delivered = TRUE,
	};

	pcapng_append_statistics(out, &statistics);
}

guint64 stream_packets(const Stream *stream)
{
	return stream->packets_before + count_packets(stream) + stream->others - stream->taken_back;
}

guint32 stream_claim_interface(Stream *stream)
{
	return stream->interface_count++;
}

guint stream_file(const Stream *stream)
{
	return stream->files;
}

void stream_count_packets(Stream *stream, guint64 packets)
{
	stream->others += packets;
}

gboolean stream_check(const Stream *stream, GError **error)
{
	if (!stream->misfit)
		return TRUE;
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
		    "a packet of %s begins with another header than those before, and pcap has "
		    "room for one kind only: capture to pcapng",
		    stream->misfit);
	return FALSE;
}

void stream_take_back(Stream *stream, const guint8 *data, gsize length, gsize written,
		      gboolean head, gsize *ret_partial)
{
	stream->taken_back +=
		stream->pcap ? pcap_count_unwritten(data, length, written, head, ret_partial)
			     : pcapng_count_unwritten(data, length, written, ret_partial);
}

guint stream_points(const Stream *stream)
{
	return stream->points->len;
}

const Point *stream_point(const Stream *stream, guint index)
{
	const Feed *feed = g_ptr_array_index(stream->points, index);

	return feed->next ? feed->next : feed->point;
}

gboolean stream_wants_point(Stream *stream, guint *ret_index)
{
	for (guint i = 0; i < stream->points->len; i++) {
		Feed *feed = g_ptr_array_index(stream->points, i);

		if (!feed->wants_point)
			continue;
		feed->wants_point = FALSE;
		*ret_index = i;
		return TRUE;
	}
	return FALSE;
}

void stream_update_point(Stream *stream, guint index, Point *point, guint64 from)
{
	Feed *feed = g_ptr_array_index(stream->points, index);

	if (from == 0 && !feed->next) {
		feed_set_point(feed, point);
		return;
	}
	/* News of the next point applies from the time on at which that replaces this one. */
	point_free(feed->next);
	feed->next = point;
	feed->next_from = from ? from : feed->next_from;
}
