/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journey.h"

#include "record_interface.h"
#include "xdp_action.h"

#include <epan/proto.h>
#include <epan/proto_data.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of which capture the numbers are, in the description of the interface (docs/pcapng.md). */
#define CAPTURE_WORD " track="

/* Late packets are put in their place among so many that came before them. */
#define LATE_MAX 64

/* The kernel has a packet so long after XDP, at most, in ns; and so long before it in generic mode,
 * where XDP gets what the kernel has already. */
#define DRIVER_MAX  50000000
#define GENERIC_MAX 5000000

typedef struct Sighting {
	struct Sighting *previous;
	struct Sighting *next;
	struct Way *way;
	struct Seen *seen; /* of XDP; may be another one's by now */
	const char *point;
	nstime_t time;
	uint32_t frame;
	uint32_t place; /* its number, or 0 */
} Sighting;

typedef struct Way {
	Sighting *first;
	Sighting *last;
	CommentLong number; /* unknown as long as only XDP has had the packet */
} Way;

/* What was seen last at a place in memory: of journeys the first sighting there. */
#define PLACE_MAX 16

typedef struct Seen {
	Sighting *sighting;
	bool xdp;
	bool passes;  /* the kernel gets it from XDP, as far as it is known */
	bool matched; /* has found the other side */
} Seen;

typedef struct {
	Seen seen[PLACE_MAX];
	unsigned next;
} Place;

/* Captures number their journeys; without a word about which one it is, those of a section count
 * as one. */
typedef struct {
	uint64_t number;
	uint32_t capture;
	uint32_t section; /* 0 if the capture is known */
} Key;

static int proto = -1;
static wmem_map_t *ways;    /* Way by Key */
static wmem_map_t *places;  /* Place by number */
static wmem_map_t *entries; /* Sighting at the entry of an XDP program, by frame */
static wmem_map_t *points;  /* their names, each once */

static int hf_journey = -1;
static int hf_latency = -1;
static int hf_time = -1;
static int hf_previous = -1;
static int hf_next = -1;

static guint key_hash(gconstpointer key)
{
	return wmem_strong_hash(key, sizeof(Key));
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(Key)) == 0;
}

static const char *point_keep(const char *point)
{
	char *kept = wmem_map_lookup(points, point);

	if (!kept) {
		kept = wmem_strdup(wmem_file_scope(), point);
		wmem_map_insert(points, kept, kept);
	}
	return kept;
}

static Key key_make(const packet_info *pinfo, uint64_t number)
{
	RecordInterface interface = { .section = 0 };
	const char *word;
	Key key = { .number = number };

	record_interface(pinfo, &interface);
	word = interface.description ? strstr(interface.description, CAPTURE_WORD) : NULL;
	if (word)
		key.capture = (uint32_t)strtoul(word + strlen(CAPTURE_WORD), NULL, 16);
	else
		key.section = interface.section + 1;
	return key;
}

static bool is_later(const Sighting *sighting, const Sighting *other)
{
	return nstime_cmp(&sighting->time, &other->time) > 0;
}

/* Packets of several CPUs need not be in order: puts the sighting behind the last one that is not
 * later. */
static void sighting_insert(Way *way, Sighting *sighting)
{
	Sighting *before = way->last;

	for (unsigned i = 0; before && is_later(before, sighting) && i < LATE_MAX; i++)
		before = before->previous;
	sighting->previous = before;
	sighting->next = before ? before->next : way->first;
	if (sighting->next)
		sighting->next->previous = sighting;
	else
		way->last = sighting;
	if (before)
		before->next = sighting;
	else
		way->first = sighting;
}

static uint64_t time_between(const nstime_t *from, const nstime_t *to)
{
	nstime_t between;

	nstime_delta(&between, to, from);
	if (between.secs < 0 || between.nsecs < 0)
		return 0;
	return (uint64_t)between.secs * 1000000000 + (uint64_t)between.nsecs;
}

/* Takes over all sightings of another way, which are few. */
static void way_join(Way *way, Way *other)
{
	Sighting *sighting = other->first, *next;

	other->first = other->last = NULL;
	for (; sighting; sighting = next) {
		next = sighting->next;
		sighting->way = way;
		sighting_insert(way, sighting);
	}
}

static Sighting *sighting_make(packet_info *pinfo, Way *way, const char *point)
{
	Sighting *sighting = wmem_new0(wmem_file_scope(), Sighting);

	sighting->way = way;
	sighting->point = point_keep(point);
	sighting->time = pinfo->abs_ts;
	sighting->frame = pinfo->num;
	sighting_insert(way, sighting);
	p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, sighting);
	return sighting;
}

static Place *place_find(uint32_t number)
{
	Place *place = wmem_map_lookup(places, GUINT_TO_POINTER(number));

	if (place)
		return place;
	place = wmem_new0(wmem_file_scope(), Place);
	wmem_map_insert(places, GUINT_TO_POINTER(number), place);
	return place;
}

/* The nearest in time, among what XDP had or the kernel: not later than `than`, or not earlier. */
static Seen *place_nearest(Place *place, const Sighting *than, bool xdp, bool later)
{
	Seen *best = NULL;

	for (unsigned i = 0; i < PLACE_MAX; i++) {
		Seen *seen = &place->seen[i];
		const Sighting *from = later ? than : seen->sighting;
		const Sighting *to = later ? seen->sighting : than;

		if (!seen->sighting || seen->sighting == than || seen->xdp != xdp ||
		    is_later(from, to))
			continue;
		if (!best || (later ? is_later(best->sighting, seen->sighting)
				    : is_later(seen->sighting, best->sighting)))
			best = seen;
	}
	return best;
}

static bool is_within(const Sighting *from, const Sighting *to, uint64_t most)
{
	return !is_later(from, to) && time_between(&from->time, &to->time) <= most;
}

/* Whether they are of one packet: nothing else was there between them. If the kernel had it before
 * at another place, it was given this one for XDP (generic mode). */
static bool belong_together(Place *place, const Seen *xdp, const Seen *skb)
{
	const Seen *other;

	if (!xdp || !skb || xdp->matched || skb->matched)
		return false;
	if (skb->sighting->previous && is_later(skb->sighting->previous, xdp->sighting))
		return false;
	if (xdp->passes && is_within(xdp->sighting, skb->sighting, DRIVER_MAX))
		other = place_nearest(place, skb->sighting, true, false);
	else if (is_within(skb->sighting, xdp->sighting, GENERIC_MAX))
		other = place_nearest(place, skb->sighting, true, true);
	else
		return false;
	return other == xdp;
}

/* Looks for the other side of what was seen just now. Either may stand first in the file. */
static void place_match(Place *place, Seen *seen)
{
	for (unsigned later = 0; later < 2; later++) {
		Seen *other = place_nearest(place, seen->sighting, !seen->xdp, later != 0);
		Seen *xdp = seen->xdp ? seen : other, *skb = seen->xdp ? other : seen;

		if (!belong_together(place, xdp, skb))
			continue;
		xdp->matched = skb->matched = true;
		way_join(skb->sighting->way, xdp->sighting->way);
		return;
	}
}

static Seen *place_add(uint32_t number, Sighting *sighting, bool xdp)
{
	Place *place = place_find(number);
	Seen *seen = &place->seen[place->next++ % PLACE_MAX];

	*seen = (Seen){ .sighting = sighting, .xdp = xdp };
	return seen;
}

static Way *way_find(const packet_info *pinfo, CommentLong number)
{
	Key key = key_make(pinfo, number.value);
	Way *way = wmem_map_lookup(ways, &key);

	if (way)
		return way;
	way = wmem_new0(wmem_file_scope(), Way);
	way->number = number;
	wmem_map_insert(ways, wmem_memdup(wmem_file_scope(), &key, sizeof(key)), way);
	return way;
}

/* Where a packet is for the first time XDP may have had it. */
static void skb_meet(packet_info *pinfo, const SkbComment *comment)
{
	Way *way = way_find(pinfo, comment->journey);
	uint32_t place = way->last ? way->last->place : 0;
	Sighting *sighting = sighting_make(pinfo, way, comment->point);

	sighting->place = comment->frame.value;
	if (sighting->place && sighting->place != place)
		place_match(place_find(sighting->place),
			    place_add(sighting->place, sighting, false));
}

/* Whether the kernel gets the packet, as far as it is known. */
static bool is_passed_on(const Verdict *verdict)
{
	return !verdict->action.known || verdict->action.value == ACTION_PASS ||
	       (verdict->action.value == ACTION_REDIRECT &&
		verdict->redirect.map_type == MAP_CPUMAP);
}

static void xdp_meet(packet_info *pinfo, const Verdict *verdict, uint32_t entry)
{
	Sighting *before = wmem_map_lookup(entries, GUINT_TO_POINTER(entry)), *sighting;
	Way *way = before ? before->way : wmem_new0(wmem_file_scope(), Way);
	Seen *seen;

	sighting = sighting_make(pinfo, way, journey_point_of(verdict));
	if (verdict->point.known && verdict->point.value == SEEN_AT_ENTRY)
		wmem_map_insert(entries, GUINT_TO_POINTER(pinfo->num), sighting);
	sighting->place = verdict->frame.value;
	seen = place_add(verdict->frame.value, sighting, true);
	sighting->seen = seen;
	/* The exit knows what becomes of it. */
	if (before && before->seen->sighting == before)
		before->seen->passes = false;
	seen->passes = is_passed_on(verdict);
	seen->matched = way->number.known;
	place_match(place_find(verdict->frame.value), seen);
}

static bool journey_read(packet_info *pinfo, Journey *ret_journey)
{
	const Sighting *sighting = p_get_proto_data(wmem_file_scope(), pinfo, proto, 0);
	Journey journey = { .previous = 0 };

	if (!sighting)
		return false;
	journey.number = sighting->way->number;
	journey.time = time_between(&sighting->way->first->time, &sighting->time);
	journey.next = sighting->next ? sighting->next->frame : 0;
	if (sighting->previous) {
		journey.previous = sighting->previous->frame;
		journey.before = sighting->previous->point;
		journey.latency = time_between(&sighting->previous->time, &sighting->time);
	}
	*ret_journey = journey;
	return true;
}

bool journey_find_skb(packet_info *pinfo, const SkbComment *comment, Journey *ret_journey)
{
	if (!comment->journey.known)
		return false;
	if (!pinfo->fd->visited && !p_get_proto_data(wmem_file_scope(), pinfo, proto, 0))
		skb_meet(pinfo, comment);
	if (journey_read(pinfo, ret_journey))
		return true;
	/* A comment that was edited since. */
	*ret_journey = (Journey){ .number = comment->journey };
	return true;
}

bool journey_find_xdp(packet_info *pinfo, const Verdict *verdict, uint32_t entry,
		      Journey *ret_journey)
{
	if (!verdict->frame.known)
		return false;
	if (!pinfo->fd->visited && !p_get_proto_data(wmem_file_scope(), pinfo, proto, 0))
		xdp_meet(pinfo, verdict, entry);
	return journey_read(pinfo, ret_journey);
}

const char *journey_point_of(const Verdict *verdict)
{
	if (!verdict->point.known)
		return "XDP";
	switch (verdict->point.value) {
	case SEEN_AT_ENTRY:
		return "XDP entry";
	case SEEN_AT_EXIT:
		return "XDP exit";
	default:
		return "XDP";
	}
}

static void frame_add(proto_tree *tree, int field, tvbuff_t *tvb, uint32_t frame)
{
	if (frame)
		proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, frame));
}

static void time_add(proto_tree *tree, int field, tvbuff_t *tvb, uint64_t time)
{
	proto_item *item = proto_tree_add_uint64(tree, field, tvb, 0, 0, time);

	proto_item_set_generated(item);
	/* Not by Wireshark's unit strings, whose header is another one in each version. */
	proto_item_append_text(item, " ns");
	if (time >= 10000)
		proto_item_append_text(item, " (%" PRIu64 ".%03" PRIu64 " ms)", time / 1000000,
				       time / 1000 % 1000);
}

void journey_show(const Journey *journey, tvbuff_t *tvb, proto_tree *tree)
{
	/* What only XDP has had is no journey; entry and exit have links of their own. */
	if (!journey->number.known)
		return;
	proto_item_set_generated(
		proto_tree_add_uint64(tree, hf_journey, tvb, 0, 0, journey->number.value));
	if (journey->previous) {
		time_add(tree, hf_latency, tvb, journey->latency);
		time_add(tree, hf_time, tvb, journey->time);
	}
	frame_add(tree, hf_previous, tvb, journey->previous);
	frame_add(tree, hf_next, tvb, journey->next);
}

/* clang-format off */
static hf_register_info fields[] = {
	{ &hf_journey, { "Journey", "skb.journey", FT_UINT64, BASE_DEC, NULL, 0,
		"Number of the packet's journey, the same wherever it was seen", HFILL } },
	{ &hf_latency, { "Latency", "skb.latency", FT_UINT64, BASE_DEC, NULL, 0,
		"Nanoseconds since the packet was seen last", HFILL } },
	{ &hf_time, { "Journey time", "skb.journey_time", FT_UINT64, BASE_DEC, NULL, 0,
		"Nanoseconds since the packet was seen first", HFILL } },
	{ &hf_previous, { "Previous", "skb.previous_frame", FT_FRAMENUM, BASE_NONE,
		FRAMENUM_TYPE(FT_FRAMENUM_NONE), 0, "The packet where it was seen before", HFILL } },
	{ &hf_next, { "Next", "skb.next_frame", FT_FRAMENUM, BASE_NONE,
		FRAMENUM_TYPE(FT_FRAMENUM_NONE), 0, "The packet where it was seen next", HFILL } },
};
/* clang-format on */

void journey_register(int protocol)
{
	proto = protocol;
	proto_register_field_array(protocol, fields, array_length(fields));
	ways = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
	places = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash,
					g_direct_equal);
	entries = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash,
					 g_direct_equal);
	points = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash,
					g_str_equal);
}
