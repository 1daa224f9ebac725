/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pair.h"

#include "traced_program.h"

#include <epan/proto_data.h>
#include <string.h>

/* As many of one number wait for their other sighting: merged files have several. */
#define WAITING_MAX   16
/* Seconds from entry to exit: none runs as long, whatever the clock did meanwhile. */
#define RUN_MAX	      10.0
/* The same where it is known how long the program ran. */
#define RUN_ERROR_MAX 1.0

/* What two sightings of a packet must not disagree about; one for all packets where it is alike. */
typedef struct {
	CommentNumber program_id;
	const char *program;
	const char *interface;
	const char *namespace;
	const char *host;
} Source;

/* A packet at entry or exit. */
typedef struct Sighting {
	struct Sighting *other;
	struct Sighting *next; /* that waits, too */
	const Source *source;
	Difference *difference; /* of an exit */
	uint8_t *octets;	/* of an entry, until they have been compared */
	uint64_t latency;	/* of an exit, 0 if unknown */
	nstime_t time;
	uint32_t frame;
	uint32_t interface;
	uint32_t length;
	uint16_t kept;
	uint8_t point;
} Sighting;

/* Packets are numbered for each program. */
typedef struct {
	const TracedProgram *program;
	uint64_t number;
} Key;

static int proto = -1;
static const unsigned *octets_max;
static wmem_map_t *waiting; /* lists of sightings by Key */
static wmem_map_t *sources; /* by their text */

static guint key_hash(gconstpointer key)
{
	return wmem_strong_hash(key, sizeof(Key));
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(Key)) == 0;
}

static const char *text_keep(const char *text)
{
	return text ? wmem_strdup(wmem_file_scope(), text) : NULL;
}

static const Source *source_find(packet_info *pinfo, const Verdict *verdict)
{
	char *text = wmem_strdup_printf(
		pinfo->pool, "%d#%u\n%s\n%s\n%s\n%s", verdict->program_id.known,
		verdict->program_id.value, verdict->program ? verdict->program : "",
		verdict->interface ? verdict->interface : "",
		verdict->namespace ? verdict->namespace : "", verdict->host ? verdict->host : "");
	Source *source = wmem_map_lookup(sources, text);

	if (source)
		return source;
	source = wmem_new0(wmem_file_scope(), Source);
	source->program_id = verdict->program_id;
	source->program = text_keep(verdict->program);
	source->interface = text_keep(verdict->interface);
	source->namespace = text_keep(verdict->namespace);
	source->host = text_keep(verdict->host);
	wmem_map_insert(sources, wmem_strdup(wmem_file_scope(), text), source);
	return source;
}

static bool texts_differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

static bool sources_differ(const Source *a, const Source *b)
{
	if (a == b)
		return false;
	return (a->program_id.known && b->program_id.known &&
		a->program_id.value != b->program_id.value) ||
	       texts_differ(a->program, b->program) || texts_differ(a->interface, b->interface) ||
	       texts_differ(a->namespace, b->namespace) || texts_differ(a->host, b->host);
}

/* How badly two sightings fit, in seconds; negative if they are not those of one packet. */
static double sightings_distance(const Sighting *entry, const Sighting *exit)
{
	nstime_t run;
	double distance;

	if (sources_differ(entry->source, exit->source))
		return -1;
	/* Whichever comes first in the file. */
	if (nstime_cmp(&entry->time, &exit->time) > 0)
		return -1;
	nstime_delta(&run, &exit->time, &entry->time);
	distance = nstime_to_sec(&run) - (double)exit->latency / 1e9;
	if (distance < 0)
		distance = -distance;
	return distance <= (exit->latency ? RUN_ERROR_MAX : RUN_MAX) ? distance : -1;
}

/* In merged files the interface for exits stands next behind that for entries. */
static uint32_t interfaces_distance(const Sighting *entry, const Sighting *exit)
{
	return exit->interface >= entry->interface ? exit->interface - entry->interface : UINT32_MAX - exit->interface;
}

/* The place of the best other sighting in the list, or NULL. Of those that fit alike the one that
 * has waited longest. interfaces_max: how far the interfaces may be apart. */
static Sighting **list_search(Sighting **list, const Sighting *sighting, uint32_t interfaces_max)
{
	Sighting **best = NULL;
	uint32_t best_interfaces = 0;
	double best_seconds = 0;

	for (; *list; list = &(*list)->next) {
		const Sighting *entry = sighting->point == SEEN_AT_ENTRY ? sighting : *list;
		const Sighting *exit = sighting->point == SEEN_AT_ENTRY ? *list : sighting;
		uint32_t interfaces;
		double seconds;

		if ((*list)->point == sighting->point)
			continue;
		seconds = sightings_distance(entry, exit);
		interfaces = interfaces_distance(entry, exit);
		if (seconds < 0 || interfaces > interfaces_max ||
		    (best && interfaces > best_interfaces) ||
		    (best && interfaces == best_interfaces && seconds >= best_seconds))
			continue;
		best = list;
		best_interfaces = interfaces;
		best_seconds = seconds;
	}
	return best;
}

static void sighting_forget_octets(Sighting *sighting)
{
	wmem_free(wmem_file_scope(), sighting->octets);
	sighting->octets = NULL;
}

/* At the end; what has waited too long goes. */
static void list_append(Sighting **list, Sighting *sighting)
{
	unsigned count = 0;
	Sighting **end;

	for (end = list; *end; end = &(*end)->next)
		count++;
	*end = sighting;
	if (count < WAITING_MAX)
		return;
	sighting_forget_octets(*list);
	*list = (*list)->next;
}

static void sighting_match(Sighting *sighting, const TracedProgram *program, uint64_t number)
{
	Key key = { .program = program, .number = number };
	const void *kept_key = NULL;
	void *found = NULL;
	Sighting *list, **place;

	wmem_map_lookup_extended(waiting, &key, &kept_key, &found);
	list = found;
	place = list_search(&list, sighting, program->nameless ? 1 : UINT32_MAX);
	if (place) {
		sighting->other = *place;
		(*place)->other = sighting;
		*place = (*place)->next;
	} else {
		list_append(&list, sighting);
	}
	if (!kept_key)
		kept_key = wmem_memdup(wmem_file_scope(), &key, sizeof(key));
	if (list) {
		wmem_map_insert(waiting, kept_key, list);
	} else {
		wmem_map_remove(waiting, &key);
		wmem_free(wmem_file_scope(), (void *)kept_key);
	}
}

static void sighting_keep_octets(Sighting *sighting, tvbuff_t *tvb)
{
	unsigned kept = tvb_captured_length(tvb);

	kept = MIN(kept, *octets_max);
	sighting->kept = (uint16_t)MIN(kept, UINT16_MAX);
	if (sighting->kept)
		sighting->octets = tvb_memdup(wmem_file_scope(), tvb, 0, sighting->kept);
}

static Sighting *sighting_make(packet_info *pinfo, tvbuff_t *tvb, const Verdict *verdict,
			       const TracedProgram *program, uint32_t interface)
{
	Sighting *sighting = wmem_new0(wmem_file_scope(), Sighting);

	sighting->source = source_find(pinfo, verdict);
	sighting->latency = verdict->latency.value;
	sighting->time = pinfo->abs_ts;
	sighting->frame = pinfo->num;
	sighting->interface = interface;
	sighting->length = pinfo->fd->pkt_len;
	sighting->point = (uint8_t)verdict->point.value;
	if (sighting->point == SEEN_AT_ENTRY && program->exits != EXITS_NONE)
		sighting_keep_octets(sighting, tvb);
	return sighting;
}

/* A copy with the old octets behind it, which is all that is kept of the entry. */
static Difference *difference_keep(const Difference *difference)
{
	size_t size = offsetof(Difference, changes) + difference->count * sizeof(Change);
	size_t octets = 0;
	Difference *kept;
	uint8_t *place;

	for (unsigned i = 0; i < difference->count; i++)
		octets += difference->changes[i].old_kept;
	kept = wmem_alloc(wmem_file_scope(), size + octets);
	memcpy(kept, difference, size);
	place = (uint8_t *)kept + size;
	for (unsigned i = 0; i < kept->count; i++) {
		Change *change = &kept->changes[i];

		if (change->old_kept)
			memcpy(place, change->old, change->old_kept);
		change->old = place;
		place += change->old_kept;
	}
	return kept;
}

static void sightings_compare(Sighting *entry, Sighting *exit, tvbuff_t *tvb, unsigned changed)
{
	uint32_t kept = tvb_captured_length(tvb);
	FrameOctets old = { .octets = entry->octets, .kept = entry->kept, .length = entry->length };
	FrameOctets new = { .octets = tvb_get_ptr(tvb, 0, (int)kept), .kept = kept };
	Difference difference;

	new.length = MAX(exit->length, kept);
	old.length = MAX(old.length, old.kept);
	difference_find(&old, &new, changed, &difference);
	exit->difference = difference_keep(&difference);
	sighting_forget_octets(entry);
}

Pair pair_find(packet_info *pinfo, tvbuff_t *tvb, const Verdict *verdict)
{
	Pair pair = { .counts = true };
	TracedProgram *program;
	Sighting *sighting, *other;
	uint32_t interface;

	if (verdict->point.value != SEEN_AT_ENTRY && verdict->point.value != SEEN_AT_EXIT)
		return pair;
	program = traced_program_find(pinfo, &interface);
	if (verdict->point.value == SEEN_AT_EXIT && program->exits != EXITS_CAPTURED)
		program->exits = EXITS_CAPTURED;
	/* docs/pcapng.md: an entry has the action only where the exit is not captured. */
	pair.counts = verdict->point.value == SEEN_AT_EXIT || verdict->action.known ||
		      program->exits != EXITS_CAPTURED;

	sighting = p_get_proto_data(wmem_file_scope(), pinfo, proto, 0);
	if (!sighting && !pinfo->fd->visited && verdict->number.known) {
		sighting = sighting_make(pinfo, tvb, verdict, program, interface);
		p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, sighting);
		sighting_match(sighting, program, verdict->number.value);
	}
	/* A comment may have been edited since. */
	if (!sighting || sighting->point != verdict->point.value || !sighting->other)
		return pair;
	other = sighting->other;
	pair.other = other->frame;
	if (sighting->point == SEEN_AT_EXIT && other->octets && !sighting->difference)
		sightings_compare(other, sighting, tvb, verdict->changed);
	pair.difference = sighting->difference;
	return pair;
}

void pair_register(int protocol, const unsigned *octets)
{
	proto = protocol;
	octets_max = octets;
	traced_program_register();
	waiting = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
	sources = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash,
					 g_str_equal);
}
