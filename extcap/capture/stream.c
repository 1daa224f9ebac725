// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <string.h>

#include "comment.h"
#include "common.h"
#include "filter_version.h"
#include "host.h"
#include "origin.h"
#include "pcap.h"
#include "pcapng.h"
#include "sighting.h"
#include "skb_sighting.h"

/* What a packet's options depend on: the same for long runs of packets. */
typedef struct {
	const Origin *origin;
	guint32 queue;
	gint32 verdict;
	guint16 cpu;
	guint16 point;
	guint8 direction;
	guint8 version;
} LabelKey;

/* The options, and the link type, which decides on the interface in the file. */
typedef struct {
	PcapngOptions *options;
	LinkType link;
} Label;

/* A cache of the labels used last, found without hashing: as many as a large machine needs. */
#define RECENT_LABELS 1024

/* Over this limit all labels are made anew. Only devices that come and go make that many. */
#define LABELS_MAX 65536

typedef struct {
	LabelKey key;
	const Label *label; /* NULL: unused */
} Recent;

static const char *const direction_names[DIRECTIONS] = {
	[XDPSHARK_ENTRY] = "entry",
	[XDPSHARK_EXIT] = "exit",
};

typedef struct {
	Point *point;
	Point *next; /* replaces point from next_from on; or NULL */
	guint64 next_from;
	char *comment;
	char *remark; /* these in the statistics, or NULL */
	char *changes;
	guint32 snaplen;
	Counts counted;	      /* in the statistics of files before */
	LinkType link;	      /* for packets whose device is not known */
	GPtrArray *versions;  /* FilterVersion *, in order */
	Sightings *sightings; /* NULL unless its packets are seen at entry and at exit */
	Names *names;	      /* of what its records have numbers for; NULL: unknown */
	gboolean wants_point;
	Origins *origins;
	GHashTable *asked;  /* Origin * for which the point was wanted */
	GHashTable *labels; /* LabelKey * to Label * */
	Recent recent[RECENT_LABELS];
} Entry;

struct Stream {
	const Clock *clock;
	OptionComments comments;
	gboolean verdict;
	gboolean pcap;
	char *misfit;		 /* pcap: the device of a packet of another link type, or NULL */
	guint64 restarted;	 /* monotonic, in ns: when the current file began; 0: the first */
	guint64 packets_before;	 /* in files before */
	guint64 others;		 /* packets that did not come through it */
	guint files;		 /* before the current one */
	guint64 taken_back;	 /* packets that were not written after all */
	GPtrArray *points;	 /* Entry * */
	guint32 interface_count; /* interfaces that the file has so far */
	guint64 namespace;	 /* cookie of our own network namespace; 0: unknown */
	char *os;
};

static guint label_key_hash(gconstpointer pointer)
{
	const LabelKey *key = pointer;

	return g_direct_hash(key->origin) * 2654435761U + key->queue * 40503U + key->cpu * 8U +
	       (guint32)key->verdict + key->point * 69069U + key->direction * 1024U +
	       key->version * 7919U;
}

static gboolean label_key_equal(gconstpointer left, gconstpointer right)
{
	const LabelKey *a = left, *b = right;

	/* Without a branch for each member: they are nearly always equal. */
	return !(((guintptr)a->origin ^ (guintptr)b->origin) | (a->queue ^ b->queue) |
		 (guint32)(a->verdict ^ b->verdict) | (guint32)(a->cpu ^ b->cpu) |
		 (guint32)(a->point ^ b->point) | (guint32)(a->direction ^ b->direction) |
		 (guint32)(a->version ^ b->version));
}

static void label_free(gpointer data)
{
	Label *label = data;

	pcapng_options_free(label->options);
	g_free(label);
}

static void entry_free(gpointer data)
{
	Entry *entry = data;

	point_free(entry->point);
	point_free(entry->next);
	g_ptr_array_unref(entry->versions);
	if (entry->sightings)
		sightings_free(entry->sightings);
	names_free(entry->names);
	g_free(entry->comment);
	g_free(entry->remark);
	g_free(entry->changes);
	origins_free(entry->origins);
	g_hash_table_unref(entry->asked);
	g_hash_table_unref(entry->labels);
	g_free(entry);
}

Stream *stream_new(const Clock *clock, OptionComments comments, gboolean verdict)
{
	Stream *stream = g_new0(Stream, 1);

	stream->clock = clock;
	stream->comments = comments;
	stream->verdict = verdict;
	stream->points = g_ptr_array_new_with_free_func(entry_free);
	stream->os = host_describe_os();
	stream->namespace = host_namespace();
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

static void forget_labels(Entry *entry)
{
	g_hash_table_remove_all(entry->labels);
	memset(entry->recent, 0, sizeof(entry->recent));
}

static gboolean is_in_own_namespace(const Point *point)
{
	const PointDevice *device = point->devices->len > 0 ? point->devices->pdata[0] : NULL;

	return device && device->own_namespace;
}

void stream_add(Stream *stream, Point *point, const char *filter, guint32 snaplen,
		const char *comment)
{
	Entry *entry = g_new0(Entry, 1);

	entry->point = point;
	entry->link = point_main_link(point);
	entry->versions = filter_versions_new(filter);
	entry->comment = g_strdup(comment);
	entry->snaplen = snaplen;
	if (point->type->options & SOURCE_HAS_SIGHTINGS)
		entry->sightings = sightings_new(is_in_own_namespace(point));
	entry->origins = origins_new();
	entry->asked = g_hash_table_new(NULL, NULL);
	entry->labels = g_hash_table_new_full(label_key_hash, label_key_equal, g_free, label_free);
	g_ptr_array_add(stream->points, entry);
}

void stream_add_filter(Stream *stream, guint index, guint32 version, const char *filter)
{
	Entry *entry = g_ptr_array_index(stream->points, index);

	filter_versions_add(entry->versions, version, filter);
	/* Of an older version that had the same number. */
	forget_labels(entry);
}

/* As xdpdump names them: its users' habits, and what Wireshark can do with such names, go on. */
static char *format_name(const Point *point, guint8 direction, const PointDevice *device)
{
	if (!direction_names[direction])
		return point->type->places ? point_typed(point) : g_strdup(point->name);
	return g_strdup_printf("%s:%s()@f%s", device ? device->name : point->address, point->name,
			       direction_names[direction]);
}

/* Adds the interface of the point's packets of that version, link type and direction to the file.
 */
static void append_interface(Stream *stream, GByteArray *out, const Entry *entry,
			     FilterVersion *version, guint8 direction, LinkType link)
{
	const Point *point = entry->point;
	const PointDevice *device = common_device(point, link);
	FileInterface *interface = filter_version_interface(version, direction, link);
	Comment common = {
		.address = point->address,
		.at = point->type->places ? point->name : direction_names[direction],
		.queue = -1,
		.cpu = -1,
	};
	g_autofree char *name = format_name(point, direction, device);
	g_autofree char *description = NULL;
	PcapngInterface block = {
		.link = link,
		.name = name,
		.filter = version->filter,
		.os = stream->os,
		.comment = entry->comment,
		.mac = device && device->has_mac ? device->mac : NULL,
		.speed = device ? device->speed : 0,
		.snaplen = entry->snaplen,
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

void stream_append_head(Stream *stream, GByteArray *out)
{
	g_autofree char *hardware = host_describe_hardware();
	const PcapngSection section = {
		.hardware = hardware,
		.os = stream->os,
		.application = "xdpshark " XDPSHARK_VERSION,
	};

	if (stream->pcap) {
		const Entry *first = g_ptr_array_index(stream->points, 0);

		pcap_append_head(out, first->link, first->snaplen);
		return;
	}
	pcapng_append_section(out, &section);
	for (guint i = 0; i < stream->points->len; i++) {
		Entry *entry = g_ptr_array_index(stream->points, i);

		for (guint direction = 0; direction < DIRECTIONS; direction++)
			if (!direction_names[direction] == !entry->sightings)
				append_interface(stream, out, entry,
						 filter_versions_newest(entry->versions),
						 (guint8)direction, entry->link);
	}
}

static guint64 count_packets(const Stream *stream)
{
	guint64 packets = 0;

	for (guint i = 0; i < stream->points->len; i++) {
		const Entry *entry = g_ptr_array_index(stream->points, i);

		packets += filter_versions_packets(entry->versions);
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
		Entry *entry = g_ptr_array_index(stream->points, i);

		filter_versions_restart(entry->versions);
		/* Packets of the new file may have something else in common. */
		forget_labels(entry);
	}
}

/* If the packet's device is not in the point's description, that may be outdated: asks for a new
 * one, once for each device. */
static void want_point(const Stream *stream, Entry *entry, const Origin *origin,
		       const OriginFacts *facts)
{
	gboolean known = facts->device || (!origin->described && facts->name);

	/* In our own namespace, only the program is not known from the kernel. */
	known |= origin->described && facts->program && origin->namespace == stream->namespace;
	if (!known && g_hash_table_add(entry->asked, (gpointer)origin))
		entry->wants_point = TRUE;
}

/* Who has the socket: for a packet that is redirected to it, as far as xdpshark-hookd knows. */
static void name_process(const Point *point, const Sighting *sighting, Comment *comment)
{
	const PointSocket *socket =
		sighting->socket && !sighting->pid ? point_socket(point, sighting->socket) : NULL;

	comment->socket = sighting->socket;
	comment->process = socket ? socket->process : sighting->pid ? sighting->process : NULL;
	comment->process_id = socket ? socket->pid : sighting->pid;
}

/* FALSE: there is nothing to say that is of this packet alone. */
static gboolean look_closely(Entry *entry, const RingPacket *packet, Sighting *ret_sighting)
{
	if (entry->point->type == &source_xsk)
		return sighting_of_sender(packet, ret_sighting);
	return entry->sightings && sightings_look(entry->sightings, packet, ret_sighting);
}

static Label *make_label(const Stream *stream, Entry *entry, const LabelKey *key,
			 const Sighting *sighting)
{
	OriginFacts facts;

	origin_describe(key->origin, entry->point, &facts);
	want_point(stream, entry, key->origin, &facts);
	g_autofree char *namespace = common_format_namespace(entry->point, facts.neighbour);
	Comment full = {
		.verdict = source_verdict_name(entry->point->type, key->verdict),
		.at = direction_names[key->direction],
		.address = entry->point->address,
		.program = facts.program ? facts.program->name : NULL,
		.program_id = facts.program ? facts.program->id : 0,
		.device = facts.name,
		.namespace = namespace,
		.queue = key->queue,
		.cpu = key->cpu,
	};
	if (sighting)
		name_process(entry->point, sighting, &full);

	Comment brief = full;

	/* Queue and CPU have options of their own. */
	brief.address = brief.program = brief.device = brief.namespace = NULL;
	brief.queue = brief.cpu = -1;

	LinkType link = facts.link < LINK_TYPES ? facts.link : entry->link;
	const FileInterface *interface = filter_version_interface(
		filter_versions_find(entry->versions, key->version), key->direction, link);
	gboolean shorten = stream->comments == OPTION_COMMENTS_SHORT &&
			   common_matches(&interface->common, &full);
	g_autofree char *text =
		stream->comments == OPTION_COMMENTS_OFF
			? NULL
			: comment_format(entry->point->type, shorten ? &brief : &full);
	Label *label = g_new(Label, 1);

	label->options = pcapng_options_new(entry->point->type, text, key->queue,
					    stream->verdict && full.verdict ? key->verdict : -1);
	label->link = link;
	return label;
}

/* A packet of the kernel has a label of its own. NULL: the record is not of that kind. */
static Label *make_skb_label(const Stream *stream, const Entry *entry, const LabelKey *key,
			     const RingPacket *packet)
{
	SkbSighting sighting;
	OriginFacts facts;
	g_autofree char *words = NULL, *text = NULL;
	Label *label;

	if (!entry->names || !skb_sighting_look(entry->names, packet, &sighting))
		return NULL;
	origin_describe(key->origin, entry->point, &facts);
	const Comment comment = {
		.verdict = sighting.reason,
		.at = sighting.point ? sighting.point : entry->point->name,
		.device = facts.name,
		.namespace = sighting.namespace,
		.queue = sighting.queueless ? -1 : (gint64)key->queue,
		.cpu = key->cpu,
		.part = sighting.cut ? "linear" : NULL,
	};
	if (stream->comments != OPTION_COMMENTS_OFF) {
		words = comment_format(entry->point->type, &comment);
		text = g_strconcat(words, sighting.words, NULL);
	}
	label = g_new(Label, 1);
	label->options = pcapng_options_new(entry->point->type, text, comment.queue, -1);
	label->link = entry->link;
	g_free(sighting.words);
	return label;
}

static gboolean is_of_kernel(const Entry *entry)
{
	return (entry->point->type->options & SOURCE_HAS_SKB) != 0;
}

/* NULL: it has that of others. */
static Label *make_own_label(const Stream *stream, Entry *entry, const LabelKey *key,
			     const RingPacket *packet, Sighting *sighting)
{
	sighting->length = 0;
	if (is_of_kernel(entry))
		return make_skb_label(stream, entry, key, packet);
	return look_closely(entry, packet, sighting) ? make_label(stream, entry, key, sighting)
						     : NULL;
}

static const Label *find_label(const Stream *stream, Entry *entry, const LabelKey *key)
{
	guint place = key->cpu * XDPSHARK_VERDICT_SLOTS + (guint32)key->verdict + key->queue +
		      key->direction * (RECENT_LABELS / 2) + key->point * (RECENT_LABELS / 8);
	Recent *recent = &entry->recent[place % RECENT_LABELS];
	Label *label;

	if (recent->label && label_key_equal(&recent->key, key))
		return recent->label;
	label = g_hash_table_lookup(entry->labels, key);
	if (!label) {
		if (g_hash_table_size(entry->labels) >= LABELS_MAX)
			forget_labels(entry);
		label = make_label(stream, entry, key, NULL);
		g_hash_table_insert(entry->labels, g_memdup2(key, sizeof(*key)), label);
	}
	*recent = (Recent){ *key, label };
	return label;
}

static void set_point(Entry *entry, Point *point)
{
	point_free(entry->point);
	entry->point = point;
	forget_labels(entry);
}

static void learn_origin(Entry *entry, const RingPacket *packet)
{
	struct xdpshark_device device;

	if (packet->captured_length < sizeof(device))
		return;
	memcpy(&device, packet->data, sizeof(device));
	origins_learn(entry->origins, packet->record->packet >> XDPSHARK_CPU_SHIFT,
		      packet->record->device, &device);
	if (!origins_are_many(entry->origins))
		return;
	forget_labels(entry);
	g_hash_table_remove_all(entry->asked);
	origins_forget(entry->origins);
}

/* Of the link type that the file has. */
static void append_pcap(Stream *stream, GByteArray *out, const RingPacket *packet)
{
	pcap_append_packet(out, clock_realtime(stream->clock, packet->time),
			   packet->captured_length, packet->wire_length, packet->data);
}

/* In pcap, a packet of another link type ends the capture. */
static gboolean check_link(Stream *stream, const Entry *entry, const Origin *origin, LinkType link)
{
	const Entry *first = g_ptr_array_index(stream->points, 0);
	OriginFacts facts;

	if (link == first->link)
		return TRUE;
	if (!stream->misfit) {
		origin_describe(origin, entry->point, &facts);
		stream->misfit = g_strdup(facts.name ? facts.name : "another device");
	}
	return FALSE;
}

void stream_append_packet(Stream *stream, GByteArray *out, guint index, const RingPacket *packet)
{
	Entry *entry = g_ptr_array_index(stream->points, index);
	const struct xdpshark_record *record = packet->record;
	const Label *label;
	Label *own; /* of this packet alone */
	Sighting sighting;

	if (record->kind == XDPSHARK_KIND_DEVICE) {
		learn_origin(entry, packet);
		return;
	}
	if (entry->next && packet->time >= entry->next_from)
		set_point(entry, g_steal_pointer(&entry->next));
	const guint64 number = record->packet;
	LabelKey key = {
		.queue = record->queue,
		.verdict = record->verdict,
		.cpu = number >> XDPSHARK_CPU_SHIFT,
		.point = record->point,
		.direction = record->direction < DIRECTIONS ? record->direction : 0,
		.version = record->version,
	};
	FilterVersion *version = filter_versions_find(entry->versions, key.version);
	key.origin = origins_find(entry->origins, key.cpu, record->device, record->ifindex);
	own = make_own_label(stream, entry, &key, packet, &sighting);
	label = own ? own : find_label(stream, entry, &key);
	FileInterface *interface = filter_version_interface(version, key.direction, label->link);

	if (stream->pcap && !check_link(stream, entry, key.origin, label->link)) {
		if (own)
			label_free(own);
		return;
	}
	if (!stream->pcap && !interface->written) {
		append_interface(stream, out, entry, version, key.direction, label->link);
		/* Only now it is known what its packets have in common. */
		forget_labels(entry);
		if (!own)
			label = find_label(stream, entry, &key);
	}
	const PcapngPacket block = {
		.interface = interface->number,
		.time = clock_realtime(stream->clock, packet->time),
		.captured_length = packet->captured_length,
		.wire_length = packet->wire_length,
		.data = packet->data,
		.packet_id = number,
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

void stream_set_names(Stream *stream, guint index, Names *names)
{
	Entry *entry = g_ptr_array_index(stream->points, index);

	names_free(entry->names);
	entry->names = names;
}

void stream_set_remark(Stream *stream, guint index, const char *remark)
{
	Entry *entry = g_ptr_array_index(stream->points, index);

	g_free(entry->remark);
	entry->remark = g_strdup(remark);
}

void stream_set_changes(Stream *stream, guint index, const char *changes)
{
	Entry *entry = g_ptr_array_index(stream->points, index);

	g_free(entry->changes);
	entry->changes = g_strdup(changes);
}

/* Of the interfaces of one version. */
static void append_statistics_of(Entry *entry, GByteArray *out, const FilterVersion *version,
				 PcapngStatistics *statistics, const Counts *counts)
{
	for (guint i = 0; i < INTERFACES; i++) {
		const FileInterface *interface = &version->interfaces[i];

		if (!interface->written)
			continue;
		statistics->interface = interface->number;
		statistics->delivered = interface->packets;
		/* Without an interface they wait for a file that has one. */
		entry->counted = *counts;
		/* The kernel's counts are for the whole point, and go into its first interface. */
		statistics->only_delivered =
			interface->number != filter_versions_first(entry->versions);
		pcapng_append_statistics(out, statistics);
	}
}

void stream_append_statistics(Stream *stream, GByteArray *out, guint index, const Counts *counts,
			      guint64 start, guint64 end)
{
	Entry *entry = g_ptr_array_index(stream->points, index);
	const Counts before = entry->counted;
	PcapngStatistics statistics = {
		.time = clock_realtime(stream->clock, end),
		.start = clock_realtime(stream->clock, MAX(start, stream->restarted)),
		.end = clock_realtime(stream->clock, end),
		.received = counts_received(counts, ~0U) - counts_received(&before, ~0U),
		.dropped = counts_lost(counts, ~0U) - counts_lost(&before, ~0U),
		.accepted = counts_matched(counts, ~0U) - counts_matched(&before, ~0U),
		.comment = entry->remark,
		.changes = entry->changes,
	};

	for (guint i = 0; i < entry->versions->len; i++)
		append_statistics_of(entry, out, g_ptr_array_index(entry->versions, i), &statistics,
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
	const Entry *entry = g_ptr_array_index(stream->points, index);

	return entry->next ? entry->next : entry->point;
}

gboolean stream_wants_point(Stream *stream, guint *ret_index)
{
	for (guint i = 0; i < stream->points->len; i++) {
		Entry *entry = g_ptr_array_index(stream->points, i);

		if (!entry->wants_point)
			continue;
		entry->wants_point = FALSE;
		*ret_index = i;
		return TRUE;
	}
	return FALSE;
}

void stream_update_point(Stream *stream, guint index, Point *point, guint64 from)
{
	Entry *entry = g_ptr_array_index(stream->points, index);

	if (from == 0 && !entry->next) {
		set_point(entry, point);
		return;
	}
	/* News of the next point applies from the time on at which that replaces this one. */
	point_free(entry->next);
	entry->next = point;
	entry->next_from = from ? from : entry->next_from;
}
