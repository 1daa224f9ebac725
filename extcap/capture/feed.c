// SPDX-License-Identifier: GPL-2.0-or-later
#include "feed.h"

#include <string.h>

#include "comment.h"
#include "common.h"
#include "skb_sighting.h"

/* Over this limit all labels are made anew. Only devices that come and go make that many. */
#define LABELS_MAX 65536

static const char *const direction_names[DIRECTIONS] = {
	[XDPSHARK_ENTRY] = "entry",
	[XDPSHARK_EXIT] = "exit",
};

const char *feed_direction(guint8 direction)
{
	return direction_names[direction];
}

gboolean feed_has_direction(const Feed *feed, guint8 direction)
{
	if (!feed->sightings)
		return direction == XDPSHARK_NO_DIRECTION;
	return (direction == XDPSHARK_ENTRY && feed->at != SOURCE_AT_EXIT) ||
	       (direction == XDPSHARK_EXIT && feed->at != SOURCE_AT_ENTRY);
}

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

void label_free(gpointer data)
{
	Label *label = data;

	pcapng_options_free(label->options);
	g_free(label);
}

void feed_free(gpointer data)
{
	Feed *feed = data;

	point_free(feed->point);
	point_free(feed->next);
	g_ptr_array_unref(feed->versions);
	if (feed->sightings)
		sightings_free(feed->sightings);
	names_free(feed->names);
	g_free(feed->comment);
	g_free(feed->remark);
	g_free(feed->changes);
	origins_free(feed->origins);
	g_hash_table_unref(feed->asked);
	g_hash_table_unref(feed->labels);
	g_free(feed);
}

void feed_forget_labels(Feed *feed)
{
	g_hash_table_remove_all(feed->labels);
	memset(feed->recent, 0, sizeof(feed->recent));
}

static gboolean is_in_own_namespace(const Point *point)
{
	const PointDevice *device = point->devices->len > 0 ? point->devices->pdata[0] : NULL;

	return device && device->own_namespace;
}

Feed *feed_new(Point *point, const char *filter, guint32 snaplen, const char *comment)
{
	Feed *feed = g_new0(Feed, 1);

	feed->point = point;
	feed->link = point_main_link(point);
	feed->versions = filter_versions_new(filter);
	feed->comment = g_strdup(comment);
	feed->snaplen = snaplen;
	if (point->type->options & SOURCE_HAS_SIGHTINGS)
		feed->sightings =
			sightings_new(is_in_own_namespace(point), point->type == &source_tc);
	feed->at = SOURCE_AT_BOTH;
	feed->origins = origins_new();
	feed->asked = g_hash_table_new(NULL, NULL);
	feed->labels = g_hash_table_new_full(label_key_hash, label_key_equal, g_free, label_free);
	return feed;
}

void feed_set_point(Feed *feed, Point *point)
{
	point_free(feed->point);
	feed->point = point;
	feed_forget_labels(feed);
}

void feed_learn_origin(Feed *feed, const RingPacket *packet)
{
	struct xdpshark_device device;

	if (packet->captured_length < sizeof(device))
		return;
	memcpy(&device, packet->data, sizeof(device));
	origins_learn(feed->origins, packet->record->packet >> XDPSHARK_CPU_SHIFT,
		      packet->record->device, &device);
	if (!origins_are_many(feed->origins))
		return;
	feed_forget_labels(feed);
	g_hash_table_remove_all(feed->asked);
	origins_forget(feed->origins);
}

/* If the packet's device is not in the point's description, that may be outdated: asks for a new
 * one, once for each device. */
static void want_point(Feed *feed, const LabelStyle *style, const Origin *origin,
		       const OriginFacts *facts)
{
	gboolean known = facts->device || (!origin->described && facts->name);

	/* In our own namespace, only the program is not known from the kernel. */
	known |= origin->described && facts->program && origin->namespace == style->namespace;
	if (!known && g_hash_table_add(feed->asked, (gpointer)origin))
		feed->wants_point = TRUE;
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
static gboolean look_closely(Feed *feed, const RingPacket *packet, Sighting *ret_sighting)
{
	if (feed->point->type == &source_xsk)
		return sighting_of_sender(packet, ret_sighting);
	if (feed->point->type == &source_hook)
		sighting_at_hook(packet, ret_sighting);
	return feed->sightings && sightings_look(feed->sightings, packet, ret_sighting);
}

static Label *make_label(Feed *feed, const LabelStyle *style, const LabelKey *key,
			 const Sighting *sighting)
{
	OriginFacts facts;

	origin_describe(key->origin, feed->point, &facts);
	want_point(feed, style, key->origin, &facts);
	g_autofree char *namespace = common_format_namespace(feed->point, facts.neighbour);
	Comment full = {
		.verdict = source_verdict_name(feed->point->type, key->verdict),
		.at = direction_names[key->direction],
		.way = point_way_word(feed->point),
		.address = feed->point->address,
		.program = facts.program ? facts.program->name : NULL,
		.program_id = facts.program ? facts.program->id : 0,
		.device = facts.name,
		.namespace = namespace,
		.queue = key->queue,
		.cpu = key->cpu,
	};
	if (sighting)
		name_process(feed->point, sighting, &full);

	Comment brief = full;

	/* Queue and CPU have options of their own. */
	brief.address = brief.program = brief.device = brief.namespace = brief.way = NULL;
	brief.queue = brief.cpu = -1;

	LinkType link = facts.link < LINK_TYPES ? facts.link : feed->link;
	const FileInterface *interface = filter_version_interface(
		filter_versions_find(feed->versions, key->version), key->direction, link);
	gboolean shorten = style->comments == OPTION_COMMENTS_SHORT &&
			   common_matches(&interface->common, &full);
	g_autofree char *text =
		style->comments == OPTION_COMMENTS_OFF
			? NULL
			: comment_format(feed->point->type, shorten ? &brief : &full);
	Label *label = g_new0(Label, 1);

	label->options = pcapng_options_new_directed(
		feed->point->type, point_direction(feed->point), text, key->queue,
		style->verdict && full.verdict ? key->verdict : -1);
	label->link = link;
	return label;
}

/* A packet of the kernel has a label of its own. NULL: the record is not of that kind. */
static Label *make_skb_label(const Feed *feed, const LabelStyle *style, const LabelKey *key,
			     const RingPacket *packet)
{
	SkbSighting sighting;
	OriginFacts facts;
	g_autofree char *words = NULL, *text = NULL;
	Label *label;

	if (!feed->names || !skb_sighting_look(feed->names, packet, &sighting))
		return NULL;
	origin_describe(key->origin, feed->point, &facts);
	const Comment comment = {
		.verdict = sighting.reason,
		.at = sighting.point ? sighting.point : feed->point->name,
		.device = facts.name,
		.namespace = sighting.namespace,
		.queue = sighting.queueless ? -1 : (gint64)key->queue,
		.cpu = key->cpu,
		.part = sighting.cut ? "linear" : NULL,
	};
	if (style->comments != OPTION_COMMENTS_OFF) {
		words = comment_format(feed->point->type, &comment);
		text = g_strconcat(words, sighting.words, NULL);
	}
	label = g_new0(Label, 1);
	label->options = pcapng_options_new(feed->point->type, text, comment.queue, -1);
	label->link = feed->link;
	if (strcmp(comment.at, feed->point->name) != 0) {
		label->place = sighting.place;
		label->place_name = comment.at;
	}
	g_free(sighting.words);
	return label;
}

static gboolean is_of_kernel(const Feed *feed)
{
	return (feed->point->type->options & SOURCE_HAS_SKB) != 0;
}

Label *feed_own_label(Feed *feed, const LabelStyle *style, const LabelKey *key,
		      const RingPacket *packet, Sighting *sighting)
{
	sighting->length = 0;
	if (is_of_kernel(feed))
		return make_skb_label(feed, style, key, packet);
	return look_closely(feed, packet, sighting) ? make_label(feed, style, key, sighting) : NULL;
}

const Label *feed_label(Feed *feed, const LabelStyle *style, const LabelKey *key)
{
	guint place = key->cpu * XDPSHARK_VERDICT_SLOTS + (guint32)key->verdict + key->queue +
		      key->direction * (RECENT_LABELS / 2) + key->point * (RECENT_LABELS / 8);
	Recent *recent = &feed->recent[place % RECENT_LABELS];
	Label *label;

	if (recent->label && label_key_equal(&recent->key, key))
		return recent->label;
	label = g_hash_table_lookup(feed->labels, key);
	if (!label) {
		if (g_hash_table_size(feed->labels) >= LABELS_MAX)
			feed_forget_labels(feed);
		label = make_label(feed, style, key, NULL);
		g_hash_table_insert(feed->labels, g_memdup2(key, sizeof(*key)), label);
	}
	*recent = (Recent){ *key, label };
	return label;
}

LabelKey feed_key(const Feed *feed, const RingPacket *packet)
{
	const struct xdpshark_record *record = packet->record;
	const guint16 cpu = record->packet >> XDPSHARK_CPU_SHIFT;

	return (LabelKey){
		.origin = origins_find(feed->origins, cpu, record->device, record->ifindex),
		.queue = record->queue,
		.verdict = record->verdict,
		.cpu = cpu,
		.point = record->point,
		.direction = record->direction < DIRECTIONS ? record->direction : 0,
		.version = record->version,
	};
}
