// SPDX-License-Identifier: GPL-2.0-or-later
#include "sighting.h"

#include <net/if.h>
#include <string.h>

#include "comment.h"
#include "kernel_bpf.h"
#include "program_record.h"
#include "xsk_record.h"

/* Entries that are remembered: of each CPU a few, as programs can be nested. A power of 2. */
#define REMEMBERED  1024
#define A_CPU_SHIFT 2 /* 4 */

typedef struct {
	guint64 number; /* of the packet */
	GByteArray *bytes;
} Entry;

/* Where packets were redirected to. */
typedef struct {
	guint32 map;
	guint32 target;
	guint16 map_type;
	guint64 since; /* of the packet, in ns */
	char *word;    /* NULL: nothing is known yet */
} Target;

/* So long a device's name is taken for its own, in ns. */
#define TARGET_AGE_NS G_GUINT64_CONSTANT(1000000000)

struct Sightings {
	gboolean own_namespace, of_skb;
	Entry entries[REMEMBERED];
	Target target; /* the last one */
};

Sightings *sightings_new(gboolean own_namespace, gboolean of_skb)
{
	Sightings *sightings = g_new0(Sightings, 1);

	sightings->own_namespace = own_namespace;
	sightings->of_skb = of_skb;
	return sightings;
}

void sightings_free(Sightings *sightings)
{
	for (guint i = 0; i < REMEMBERED; i++)
		if (sightings->entries[i].bytes)
			g_byte_array_unref(sightings->entries[i].bytes);
	g_free(sightings->target.word);
	g_free(sightings);
}

static Entry *entry_of(Sightings *sightings, guint64 number)
{
	guint64 place = (number >> XDPSHARK_CPU_SHIFT) << A_CPU_SHIFT |
			(number & ((1U << A_CPU_SHIFT) - 1));

	return &sightings->entries[place % REMEMBERED];
}

static void remember(Sightings *sightings, const RingPacket *packet)
{
	guint64 number = packet->record->packet;
	Entry *entry = entry_of(sightings, number);

	if (!entry->bytes)
		entry->bytes = g_byte_array_new();
	entry->number = number;
	g_byte_array_set_size(entry->bytes, packet->captured_length);
	memcpy(entry->bytes->data, packet->data, packet->captured_length);
}

/* In the part that was there before and after: the same memory, wherever the packet begins. */
static gboolean are_bytes_changed(Sightings *sightings, const RingPacket *packet, gint64 head)
{
	const Entry *entry = entry_of(sightings, packet->record->packet);
	gsize before = head > 0 ? (gsize)head : 0, after = head < 0 ? (gsize)-head : 0;

	if (!entry->bytes || entry->number != packet->record->packet ||
	    before >= entry->bytes->len || after >= packet->captured_length)
		return FALSE;
	return memcmp(entry->bytes->data + before, packet->data + after,
		      MIN(entry->bytes->len - before, packet->captured_length - after)) != 0;
}

/* Where the header of the link ends: what is put in front of a packet comes behind it. */
#define LINK_HEADER 14

/* A packet of tc that has grown or shrunk, which may be in other memory now: whether that was in
 * front, so that the rest of what is there of both is the same. */
static gboolean has_moved(Sightings *sightings, const RingPacket *packet, gint64 growth)
{
	const Entry *entry = entry_of(sightings, packet->record->packet);
	gsize before = growth < 0 ? (gsize)-growth : 0, after = growth > 0 ? (gsize)growth : 0;

	before += LINK_HEADER;
	after += LINK_HEADER;
	if (growth == 0 || !entry->bytes || entry->number != packet->record->packet ||
	    before >= entry->bytes->len || after >= packet->captured_length)
		return FALSE;
	return memcmp(entry->bytes->data + before, packet->data + after,
		      MIN(entry->bytes->len - before, packet->captured_length - after)) == 0;
}

/* Bits: what the program has changed. */
enum { BYTES = 1 << 0, HEAD = 1 << 1, TAIL = 1 << 2 };

/* As long each, so that it takes no call to copy them. */
static const char changes[][32] = {
	[0] = "",
	[BYTES] = " changed=bytes",
	[HEAD] = " changed=head",
	[BYTES | HEAD] = " changed=bytes,head",
	[TAIL] = " changed=tail",
	[BYTES | TAIL] = " changed=bytes,tail",
	[HEAD | TAIL] = " changed=head,tail",
	[BYTES | HEAD | TAIL] = " changed=bytes,head,tail",
};

static void put_text(Sighting *sighting, const char *text)
{
	gsize length = MIN(strlen(text), sizeof(sighting->words) - sighting->length);

	memcpy(sighting->words + sighting->length, text, length);
	sighting->length += length;
}

/* The number's last digits, at most 8, as they stand in memory. */
static guint64 digits_of(guint64 *number, guint *ret_count)
{
	guint64 digits = 0;
	guint count = 0;

	do {
		digits = digits << 8 | (guint64)('0' + *number % 10);
		*number /= 10;
	} while (++count < sizeof(digits) && *number > 0);
	*ret_count = count;
	return GUINT64_TO_LE(digits);
}

/* Every exit has one: by printf() it takes as long as all the rest. It is the first word. */
static void put_duration(Sighting *sighting, guint64 duration)
{
	const gsize head = strlen(" ns=");
	guint64 rest = duration;
	guint count;
	guint64 digits = digits_of(&rest, &count);

	if (rest > 0) {
		sighting->length = (gsize)g_snprintf(sighting->words, sizeof(sighting->words),
						     " ns=%" G_GUINT64_FORMAT, duration);
		return;
	}
	memcpy(sighting->words, " ns=", head);
	memcpy(sighting->words + head, &digits, sizeof(digits));
	sighting->length = head + count;
}

static void put_changes(Sightings *sightings, const RingPacket *packet,
			const struct xdpshark_program_extra *extra, Sighting *sighting)
{
	gint64 head = sightings->of_skb ? 0 : extra->head, tail = extra->tail;
	guint what = 0;

	if (sightings->of_skb && has_moved(sightings, packet, tail)) {
		head = -tail;
		tail = 0;
	}
	what |= head != 0 ? HEAD : 0U;
	what |= tail != 0 ? TAIL : 0U;
	what |= are_bytes_changed(sightings, packet, head) ? BYTES : 0U;
	memcpy(sighting->words + sighting->length, changes[what], sizeof(changes[what]));
	sighting->length += strlen(changes[what]);
	if (extra->flags & XDPSHARK_MARK_CHANGED)
		put_text(sighting, what ? ",mark" : " changed=mark");
}

static void put_mark(Sighting *sighting, guint32 mark)
{
	char text[24];

	g_snprintf(text, sizeof(text), " mark=0x%x", mark);
	put_text(sighting, mark ? text : "");
}

static const char *map_name(guint16 type)
{
	switch (type) {
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		return "devmap";
	case BPF_MAP_TYPE_CPUMAP:
		return "cpumap";
	case BPF_MAP_TYPE_XSKMAP:
		return "xskmap";
	default:
		return NULL;
	}
}

/* Devices of other network namespaces have their names there, and the same number as others here.
 */
static char *format_target(const Sightings *sightings, const struct xdpshark_program_extra *extra)
{
	char name[IF_NAMESIZE] = "";
	g_autofree char *target = NULL;

	if (extra->map != 0 && map_name(extra->map_type))
		target = g_strdup_printf("%s:%u:%u", map_name(extra->map_type), extra->map,
					 extra->target);
	else if (extra->map == 0 && !sightings->own_namespace)
		target = g_strdup_printf("if:#%u", extra->target);
	else if (extra->map == 0 && if_indextoname(extra->target, name))
		target = g_strdup_printf("if:%s", name);
	return comment_format_word("redirect", target);
}

/* Most packets go where the one before went. A device may get another name, though. */
static void put_target(Sightings *sightings, const RingPacket *packet,
		       const struct xdpshark_program_extra *extra, Sighting *sighting)
{
	Target *last = &sightings->target;

	if (!(extra->flags & XDPSHARK_TARGET))
		return;
	if (!last->word || last->map != extra->map || last->target != extra->target ||
	    last->map_type != extra->map_type || packet->time - last->since > TARGET_AGE_NS) {
		g_free(last->word);
		*last = (Target){ .map = extra->map,
				  .target = extra->target,
				  .map_type = extra->map_type,
				  .since = packet->time,
				  .word = format_target(sightings, extra) };
	}
	put_text(sighting, last->word);
}

static void put_frame(Sighting *sighting, guint32 frame)
{
	char word[sizeof(" frame=0x01234567")];

	if (frame == 0)
		return;
	g_snprintf(word, sizeof(word), " frame=0x%08" G_GINT32_MODIFIER "x", frame);
	put_text(sighting, word);
}

void sighting_at_hook(const RingPacket *packet, Sighting *ret_sighting)
{
	guint32 frame = 0;

	if (packet->extra >= sizeof(frame))
		memcpy(&frame, packet->record->data, sizeof(frame));
	put_frame(ret_sighting, frame);
}

gboolean sighting_of_sender(const RingPacket *packet, Sighting *ret_sighting)
{
	struct xdpshark_xsk_extra extra;

	ret_sighting->length = 0;
	if (packet->extra != sizeof(extra))
		return FALSE;
	memcpy(&extra, packet->record->data, sizeof(extra));
	ret_sighting->socket = extra.socket;
	ret_sighting->pid = extra.pid;
	memset(ret_sighting->process, 0, sizeof(ret_sighting->process));
	memcpy(ret_sighting->process, extra.process, sizeof(extra.process));
	if (extra.flags & XDPSHARK_XSK_LINEAR_ONLY)
		put_text(ret_sighting, " part=linear");
	return TRUE;
}

gboolean sightings_look(Sightings *sightings, const RingPacket *packet, Sighting *ret_sighting)
{
	struct xdpshark_program_extra extra;

	ret_sighting->length = 0;
	ret_sighting->pid = 0;
	if (packet->record->direction == XDPSHARK_NO_DIRECTION || packet->extra != sizeof(extra))
		return FALSE;
	memcpy(&extra, packet->record->data, sizeof(extra));
	if (packet->record->direction == XDPSHARK_ENTRY) {
		remember(sightings, packet);
	} else {
		if (extra.duration != 0)
			put_duration(ret_sighting, extra.duration);
		put_changes(sightings, packet, &extra, ret_sighting);
		put_target(sightings, packet, &extra, ret_sighting);
	}
	put_frame(ret_sighting, extra.frame);
	if (sightings->of_skb)
		put_mark(ret_sighting, extra.mark);
	if (extra.flags & XDPSHARK_LINEAR_ONLY)
		put_text(ret_sighting, " part=linear");
	ret_sighting->socket = packet->record->direction == XDPSHARK_EXIT ? extra.socket : 0;
	return ret_sighting->socket != 0;
}
