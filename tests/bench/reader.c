// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench reader: what a packet costs the reader, by the number of CPUs whose rings it merges, in ns:
 * rings that were filled before are read and formatted, and the result is thrown away. Beside it
 * the search through all rings for the oldest packet, which took the tournament's place before, in
 * rounds that take turns. Then packets of a hook beside those of a program, which are seen at entry
 * and at exit. Needs no privilege.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "merge.h"
#include "program_record.h"
#include "rig.h"
#include "stream.h"

#define SEGMENT	   ((guint32)131072)
#define DATA	   (SEGMENT - (guint32)sizeof(struct xdpshark_segment))
#define BATCH	   ((gsize)256 * 1024)
#define RINGS_MAX  256
#define ROUNDS_MAX 1000

static const guint ring_counts[] = { 1, 2, 4, 8, 16, 32, 64, 100, 128, 256 };
static const guint32 sizes[] = { 64, 1500 };
static const guint bursts[] = { 1, 8, 64 };

/* Rings and what is in them. */
typedef struct {
	guint count;
	guint32 segments; /* of each */
	guint8 *memory;
	struct xdpshark_cpu cpus[RINGS_MAX];
	guint64 packets;
} Load;

static guint8 *next_place(Load *load, guint cpu, guint32 size)
{
	struct xdpshark_cpu *state = &load->cpus[cpu];
	struct xdpshark_segment *segment;

	if (state->offset + size > DATA) {
		if (state->taken == state->segments)
			return NULL;
		state->current = state->base + state->taken++;
		state->offset = 0;
	}
	segment = (void *)(load->memory + (gsize)state->current * SEGMENT);
	state->offset += size;
	segment->used = state->offset;
	return segment->data + state->offset - size;
}

/* What a packet looks like. */
typedef enum {
	LOAD_HOOK,
	LOAD_ENTRY,	/* of a program */
	LOAD_SIGHTINGS, /* entry and exit by turns, with the same packet */
	LOADS,
} LoadKind;

/* Writes a record, for a packet of its own or the exit of the one before. */
static void write_record(Load *load, LoadKind kind, guint8 *place, guint cpu, guint32 length)
{
	const gboolean leaves = kind == LOAD_SIGHTINGS && load->packets % 2 == 0;
	const struct xdpshark_program_extra extra = { .duration = leaves ? load->packets : 0 };
	struct xdpshark_record record = {
		.time = load->packets,
		.packet = (guint64)cpu << XDPSHARK_CPU_SHIFT |
			  (load->packets + (kind == LOAD_SIGHTINGS)) / 2,
		.captured_length = length,
		.wire_length = length,
		.ifindex = 2,
		.verdict = kind == LOAD_HOOK || leaves ? 1 : XDPSHARK_VERDICT_NONE,
	};

	if (kind != LOAD_HOOK) {
		record.extra = sizeof(extra);
		record.direction = leaves ? XDPSHARK_EXIT : XDPSHARK_ENTRY;
		memcpy(place + sizeof(record), &extra, sizeof(extra));
	}
	memcpy(place, &record, sizeof(record));
	memset(place + sizeof(record) + record.extra, (int)(record.packet & 255), length);
}

/* Packets of one length come to CPUs at random, so many at a time. */
static Load *load_new(LoadKind kind, guint count, guint32 length, guint burst, guint64 packets)
{
	guint32 extra = kind == LOAD_HOOK ? 0 : sizeof(struct xdpshark_program_extra);
	guint32 size = ((guint32)sizeof(struct xdpshark_record) + extra + length + 7) & ~7U;
	guint64 each = packets / count + 8 * (guint64)burst;
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	Load *load = g_new0(Load, 1);

	load->count = count;
	load->segments = (guint32)(each * size / (DATA - size) + 2);
	load->memory = g_malloc0((gsize)count * load->segments * SEGMENT);
	for (guint cpu = 0; cpu < count; cpu++)
		load->cpus[cpu] = (struct xdpshark_cpu){ .base = cpu * load->segments,
							 .segments = load->segments,
							 .offset = SEGMENT };
	while (load->packets < packets) {
		guint cpu = (guint)g_rand_int_range(random, 0, (gint32)count);

		for (guint i = 0; i < burst && load->packets < packets; i++) {
			guint8 *place = next_place(load, cpu, size);

			if (!place)
				break;
			load->packets++;
			write_record(load, kind, place, cpu, length);
		}
	}
	return load;
}

static void load_free(Load *load)
{
	g_free(load->memory);
	g_free(load);
}

static void load_rings(Load *load, Ring *rings)
{
	for (guint cpu = 0; cpu < load->count; cpu++) {
		load->cpus[cpu].freed = 0;
		if (!ring_init(&rings[cpu], &load->cpus[cpu], load->memory,
			       load->count * load->segments, SEGMENT))
			g_error("a ring is refused");
	}
}

/* What took the tournament's place before: whenever another ring's turn may have come, all are
 * looked at. */
typedef struct {
	Ring rings[RINGS_MAX];
	guint count;
	Ring *active;
	guint64 limit;
	RingPacket packet;
} Search;

static void search_choose(Search *search)
{
	guint64 oldest = RING_EMPTY;

	search->active = NULL;
	search->limit = RING_EMPTY - 1;
	for (guint i = 0; i < search->count; i++) {
		Ring *ring = &search->rings[i];

		if (ring->time == RING_EMPTY)
			continue;
		if (!search->active || ring->time < oldest) {
			if (search->active)
				search->limit = MIN(search->limit, oldest);
			oldest = ring->time;
			search->active = ring;
		} else {
			search->limit = MIN(search->limit, ring->time);
		}
	}
}

static __attribute__((noinline)) const RingPacket *search_next(Search *search)
{
	if (search->active)
		ring_release(search->active);
	if (!search->active || search->active->time > search->limit) {
		search_choose(search);
		if (!search->active)
			return NULL;
	}
	ring_take(search->active, &search->packet);
	return &search->packet;
}

typedef struct {
	Stream *stream;
	GByteArray *out;
	guint64 packets, time;
} Sink;

static void sink_take(Sink *sink, const RingPacket *packet)
{
	if (packet->time <= sink->time)
		g_error("packets in the wrong order");
	sink->time = packet->time;
	sink->packets++;
	stream_append_packet(sink->stream, sink->out, 0, packet);
	if (sink->out->len >= BATCH)
		sink->out->len = 0;
}

static guint64 cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (guint64)now.tv_sec * 1000000000 + (guint64)now.tv_nsec;
}

static gdouble run_search(Load *load, Sink *sink)
{
	g_autofree Search *search = g_new0(Search, 1);
	const RingPacket *packet;
	guint64 start;

	load_rings(load, search->rings);
	search->count = load->count;
	start = cpu_time();
	for (guint i = 0; i < search->count; i++)
		ring_look(&search->rings[i]);
	while ((packet = search_next(search)))
		sink_take(sink, packet);
	return (gdouble)(cpu_time() - start) / (gdouble)load->packets;
}

static gdouble run_merge(Load *load, Sink *sink)
{
	g_autofree Ring *rings = g_new(Ring, load->count);
	g_autoptr(Merge) merge = merge_new();
	const RingPacket *packet;
	guint64 start;
	guint session;

	load_rings(load, rings);
	for (guint i = 0; i < load->count; i++)
		merge_add(merge, &rings[i], 0);
	start = cpu_time();
	merge_look(merge, RING_EMPTY);
	while ((packet = merge_next(merge, &session)))
		sink_take(sink, packet);
	return (gdouble)(cpu_time() - start) / (gdouble)load->packets;
}

static Stream *make_stream(const Clock *clock, const SourceType *type)
{
	Stream *stream = stream_new(clock, OPTION_COMMENTS_SHORT, FALSE);
	Point *point = point_new(type);

	point->address = g_strdup(type == &source_hook ? "/sys/fs/bpf/bench_hook" : "eth0");
	point->name = g_strdup("bench_hook");
	stream_add(stream, point, "", 0, NULL);
	return stream;
}

typedef gdouble Run(Load *load, Sink *sink);

static gdouble measure(Run *run, Load *load, Sink *sink)
{
	gdouble time;

	sink->packets = sink->time = 0;
	time = run(load, sink);
	if (sink->packets != load->packets)
		g_error("%" G_GUINT64_FORMAT " packets of %" G_GUINT64_FORMAT, sink->packets,
			load->packets);
	return time;
}

/* Medians in ns a packet. */
static void compare(Sink *sink, guint count, guint32 size, guint burst, guint rounds,
		    guint64 packets, gdouble *ret_search, gdouble *ret_merge)
{
	Load *load = load_new(LOAD_HOOK, count, size, burst, packets);
	gdouble searches[ROUNDS_MAX], merges[ROUNDS_MAX];

	measure(run_merge, load, sink); /* the first one touches what is new */
	for (guint round = 0; round < rounds; round++) {
		searches[round] = measure(run_search, load, sink);
		merges[round] = measure(run_merge, load, sink);
	}
	*ret_search = rig_median(searches, rounds);
	*ret_merge = rig_median(merges, rounds);
	load_free(load);
}

static void print_row(Sink *sink, guint32 size, guint burst, guint rounds, guint64 packets)
{
	gdouble merge[G_N_ELEMENTS(ring_counts)], search[G_N_ELEMENTS(ring_counts)];

	printf("%6u %6u  tournament", size, burst);
	for (guint i = 0; i < G_N_ELEMENTS(ring_counts); i++) {
		compare(sink, ring_counts[i], size, burst, rounds, packets, &search[i], &merge[i]);
		printf(" %6.1f", merge[i]);
		fflush(stdout);
	}
	printf("\n%6u %6u  search    ", size, burst);
	for (guint i = 0; i < G_N_ELEMENTS(ring_counts); i++)
		printf(" %6.1f", search[i]);
	printf("\n%6u %6u  ratio     ", size, burst);
	for (guint i = 0; i < G_N_ELEMENTS(ring_counts); i++)
		printf(" %6.2f", merge[i] / search[i]);
	printf("\n%6u %6u  100 CPUs / 2: %.2f  goal 2  %s\n", size, burst, merge[7] / merge[1],
	       merge[7] <= 2 * merge[1] ? "met" : "missed");
}

/* A program's records beside a hook's, of one CPU. */
static void print_sightings(const Clock *clock, guint32 size, guint rounds, guint64 packets)
{
	g_autoptr(Stream) hook = make_stream(clock, &source_hook);
	g_autoptr(Stream) program = make_stream(clock, &source_program);
	Sink sink = { .out = g_byte_array_new() };
	gdouble times[LOADS][ROUNDS_MAX], medians[LOADS];
	Load *loads[LOADS];

	for (LoadKind kind = 0; kind < LOADS; kind++)
		loads[kind] = load_new(kind, 1, size, 1, packets);
	for (guint round = 0; round <= rounds; round++)
		for (LoadKind kind = 0; kind < LOADS; kind++) {
			sink.stream = kind == LOAD_HOOK ? hook : program;
			/* The first one touches what is new. */
			times[kind][MAX(round, 1) - 1] = measure(run_merge, loads[kind], &sink);
		}
	for (LoadKind kind = 0; kind < LOADS; kind++) {
		medians[kind] = rig_median(times[kind], rounds);
		load_free(loads[kind]);
	}
	printf("%6u %12.1f %12.1f %12.1f %12.2f\n", size, medians[LOAD_HOOK], medians[LOAD_ENTRY],
	       medians[LOAD_SIGHTINGS], medians[LOAD_SIGHTINGS] / medians[LOAD_HOOK]);
	g_byte_array_unref(sink.out);
}

int main(int argc, char **argv)
{
	gint rounds = 9, packets = 60000, only_size = 0, only_burst = 0;
	gboolean only_sightings = FALSE;
	const GOptionEntry entries[] = {
		{ "sightings", 0, 0, G_OPTION_ARG_NONE, &only_sightings, "Only the first table",
		  NULL },
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Interleaved rounds (9)", "N" },
		{ "count", 'c', 0, G_OPTION_ARG_INT, &packets, "Packets a round (60000)", "N" },
		{ "bytes", 0, 0, G_OPTION_ARG_INT, &only_size, "Only packets of N bytes", "N" },
		{ "burst", 0, 0, G_OPTION_ARG_INT, &only_burst, "Only bursts of N", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Clock) clock = clock_new();
	g_autoptr(Stream) stream = make_stream(clock, &source_hook);
	Sink sink = { .stream = stream, .out = g_byte_array_new() };

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	rounds = CLAMP(rounds, 1, ROUNDS_MAX);
	packets = MAX(packets, 1000);
	printf("ns a record of one CPU; medians of %d rounds\n\n%6s %12s %12s %12s %12s\n", rounds,
	       "bytes", "hook", "entries", "both", "both / hook");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
		print_sightings(clock, sizes[i], (guint)rounds, (guint64)packets);
	if (only_sightings)
		return EXIT_SUCCESS;
	printf("\nns a packet, by the number of CPUs; medians of %d rounds\n\n%6s %6s            ",
	       rounds, "bytes", "burst");
	for (guint i = 0; i < G_N_ELEMENTS(ring_counts); i++)
		printf(" %6u", ring_counts[i]);
	printf("\n");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
		for (guint j = 0; j < G_N_ELEMENTS(bursts); j++)
			if ((only_size == 0 || only_size == (gint)sizes[i]) &&
			    (only_burst == 0 || only_burst == (gint)bursts[j]))
				print_row(&sink, sizes[i], bursts[j], (guint)rounds,
					  (guint64)packets);
	g_byte_array_unref(sink.out);
	return EXIT_SUCCESS;
}
