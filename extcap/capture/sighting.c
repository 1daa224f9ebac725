// SPDX-License-Identifier: GPL-2.0-or-later
#include "sighting.h"

#include <net/if.h>
#include <string.h>

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

struct Sightings {
	gboolean own_namespace;
	Entry entries[REMEMBERED];
};

Sightings *sightings_new(gboolean own_namespace)
{
	Sightings *sightings = g_new0(Sightings, 1);

	sightings->own_namespace = own_namespace;
	return sightings;
}

void sightings_free(Sightings *sightings)
{
	for (guint i = 0; i < REMEMBERED; i++)
		if (sightings->entries[i].bytes)
			g_byte_array_unref(sightings->entries[i].bytes);
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
	g_byte_array_set_size(entry->bytes, 0);
	g_byte_array_append(entry->bytes, packet->data, packet->captured_length);
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

static void describe_changes(Sightings *sightings, const RingPacket *packet,
			     const struct xdpshark_program_extra *extra, Sighting *sighting)
{
	const struct {
		gboolean changed;
		const char *name;
	} parts[] = {
		{ are_bytes_changed(sightings, packet, extra->head), "bytes" },
		{ extra->head != 0, "head" },
		{ extra->tail != 0, "tail" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (!parts[i].changed)
			continue;
		if (sighting->changed[0])
			g_strlcat(sighting->changed, ",", sizeof(sighting->changed));
		g_strlcat(sighting->changed, parts[i].name, sizeof(sighting->changed));
	}
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
static void describe_target(const Sightings *sightings, const struct xdpshark_program_extra *extra,
			    Sighting *sighting)
{
	char name[IF_NAMESIZE];

	if (!(extra->flags & XDPSHARK_TARGET))
		return;
	if (extra->map != 0 && map_name(extra->map_type))
		g_snprintf(sighting->redirect, sizeof(sighting->redirect), "%s:%u:%u",
			   map_name(extra->map_type), extra->map, extra->target);
	else if (extra->map == 0 && !sightings->own_namespace)
		g_snprintf(sighting->redirect, sizeof(sighting->redirect), "if:#%u", extra->target);
	else if (extra->map == 0 && if_indextoname(extra->target, name))
		g_snprintf(sighting->redirect, sizeof(sighting->redirect), "if:%s", name);
}

gboolean sighting_of_sender(const RingPacket *packet, Sighting *ret_sighting)
{
	struct xdpshark_xsk_extra extra;

	*ret_sighting = (Sighting){ .duration = -1 };
	if (packet->extra != sizeof(extra))
		return FALSE;
	memcpy(&extra, packet->record->data, sizeof(extra));
	ret_sighting->linear = (extra.flags & XDPSHARK_XSK_LINEAR_ONLY) != 0;
	ret_sighting->socket = extra.socket;
	ret_sighting->pid = extra.pid;
	memcpy(ret_sighting->process, extra.process, sizeof(extra.process));
	return TRUE;
}

gboolean sightings_look(Sightings *sightings, const RingPacket *packet, Sighting *ret_sighting)
{
	struct xdpshark_program_extra extra;

	*ret_sighting = (Sighting){ .duration = -1 };
	if (packet->record->direction == XDPSHARK_NO_DIRECTION || packet->extra != sizeof(extra))
		return FALSE;
	memcpy(&extra, packet->record->data, sizeof(extra));
	ret_sighting->linear = (extra.flags & XDPSHARK_LINEAR_ONLY) != 0;
	if (packet->record->direction == XDPSHARK_ENTRY) {
		remember(sightings, packet);
		return ret_sighting->linear;
	}
	if (extra.duration != 0)
		ret_sighting->duration = (gint64)MIN(extra.duration, G_MAXINT64);
	describe_changes(sightings, packet, &extra, ret_sighting);
	describe_target(sightings, &extra, ret_sighting);
	ret_sighting->socket = extra.socket;
	return TRUE;
}
