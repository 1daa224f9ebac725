// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench emit: what a packet costs in the kernel, in ns, by what stands in the hook's slot; the
 * product's own programs beside bpf_perf_event_output() as xdpcap uses it. docs/performance.md
 * explains the columns.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "rig.h"

#define FULL	   262144
#define ROUNDS_MAX 1000

typedef enum {
	CASE_EMPTY,
	CASE_HOOK,
	CASE_TAIL,
	CASE_NO_MATCH,
	CASE_COUNT,
	CASE_MATCH,
	CASE_ALL,
	CASE_SNAPLEN,
	CASE_PERF,
	CASE_PERF_EACH,
	CASES,
} Case;

static const char *const titles[CASES] = {
	"empty", "hook",      "tail call", "no match",	   "counted",
	"match", "no filter", "96 bytes",  "perf batched", "perf each",
};

static const gsize sizes[] = { 64, 512, 1500, 9000, 60000 };

/* The figures: match at most so much of perf batched and of perf each. */
static const struct {
	gsize size;
	gdouble batched, each;
} goals[] = { { 64, 0.4, 0.02 }, { 1500, 0.7, 0.05 } };

typedef struct {
	ProgramSet *sets[CASES]; /* NULL: not the product's */
	int programs[CASES];	 /* to be run */
	Drain *drains[CASES];
	gdouble times[CASES][ROUNDS_MAX];
	guint64 matched, expected; /* for exact accounting */
} Bench;

static void setup(Bench *bench, Rig *rig, guint cpu, gsize ring_size)
{
	static const struct {
		Case which;
		RigFilter filter;
		guint32 snaplen;
	} captures[] = {
		{ CASE_NO_MATCH, RIG_FILTER_NO_MATCH, FULL },
		{ CASE_MATCH, RIG_FILTER_MATCH, FULL },
		{ CASE_ALL, RIG_FILTER_ALL, FULL },
		{ CASE_SNAPLEN, RIG_FILTER_MATCH, 96 },
	};

	bench->programs[CASE_EMPTY] = rig_program(rig, "empty");
	bench->programs[CASE_HOOK] = rig_hook(rig, -1);
	bench->programs[CASE_TAIL] = rig_hook(rig, rig_program(rig, "empty"));
	for (guint i = 0; i < G_N_ELEMENTS(captures); i++) {
		Case which = captures[i].which;
		ProgramSet *set = rig_capture(captures[i].filter, captures[i].snaplen, ring_size);

		bench->sets[which] = set;
		bench->programs[which] = rig_hook(rig, program_set_fd(set, XDP_DROP));
		bench->drains[which] = drain_ring(set, cpu, ring_size);
	}
	/* As `xdpshark stat` has them. */
	bench->sets[CASE_COUNT] = rig_capture(RIG_FILTER_MATCH, 1, 0);
	bench->programs[CASE_COUNT] =
		rig_hook(rig, program_set_fd(bench->sets[CASE_COUNT], XDP_DROP));
	bench->programs[CASE_PERF] = rig_hook(rig, rig_program(rig, "perf_batched"));
	bench->drains[CASE_PERF] = drain_perf(rig, "events_batched", cpu, ring_size, FALSE);
	bench->programs[CASE_PERF_EACH] = rig_hook(rig, rig_program(rig, "perf_each"));
	bench->drains[CASE_PERF_EACH] = drain_perf(rig, "events_each", cpu, ring_size, TRUE);
}

static void warm(Bench *bench)
{
	for (Case which = 0; which < CASES; which++)
		if (bench->drains[which]) {
			guint64 packets = rig_warm(bench->programs[which], bench->drains[which]);

			if (bench->sets[which])
				bench->expected += packets;
		}
}

static void measure(Bench *bench, gsize size, guint rounds, guint count)
{
	g_autofree guint8 *packet = rig_packet(size);

	/* Large packets take longer, and so fewer will do. */
	if (size > 1500)
		count = MAX(1, count / (size / 1000));
	for (guint round = 0; round < rounds; round++)
		for (Case which = 0; which < CASES; which++) {
			/* An interrupt for each takes 20 times as long as all the rest. */
			guint repeat = which == CASE_PERF_EACH ? MAX(1, count / 20) : count;

			bench->times[which][round] = rig_run(bench->programs[which], packet, size,
							     repeat, bench->drains[which]);
			if (bench->sets[which])
				bench->expected += repeat + (bench->drains[which] != NULL);
		}
}

/* Each packet in exactly one outcome. */
static guint64 count_outcomes(const ProgramSet *set, guint64 outcomes[XDPSHARK_OUTCOMES])
{
	const Rings *rings = program_set_rings(set);
	guint64 sum = 0;

	for (guint32 cpu = 0; cpu < rings->cpu_count; cpu++) {
		struct xdpshark_cpu state;

		if (bpf_map_lookup_elem(rings->cpus, &cpu, &state) < 0)
			g_error("cannot read the counters");
		for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++) {
			outcomes[outcome] += state.outcomes[XDP_DROP][outcome];
			sum += state.outcomes[XDP_DROP][outcome];
		}
	}
	return sum;
}

static gboolean account(const Bench *bench)
{
	guint64 received = 0, lost = 0, outcomes[XDPSHARK_OUTCOMES] = { 0 };

	for (Case which = 0; which < CASES; which++)
		if (bench->sets[which])
			received += count_outcomes(bench->sets[which], outcomes);
	for (guint outcome = XDPSHARK_LOST_FULL; outcome < XDPSHARK_OUTCOMES; outcome++)
		lost += outcomes[outcome];
	printf("\nsent %" G_GUINT64_FORMAT " = received %" G_GUINT64_FORMAT
	       " = rejected %" G_GUINT64_FORMAT " + captured %" G_GUINT64_FORMAT
	       " + lost %" G_GUINT64_FORMAT "\n",
	       bench->expected, received, outcomes[XDPSHARK_REJECTED], outcomes[XDPSHARK_CAPTURED],
	       lost);
	return received == bench->expected && lost == 0;
}

static void print_goal(const char *what, gdouble value, gdouble goal)
{
	printf("%-52s %6.3f  goal %5.3f  %s\n", what, value, goal,
	       value <= goal ? "met" : "missed");
}

static void print_goals(gsize size, const gdouble medians[CASES])
{
	gdouble empty = medians[CASE_EMPTY], net = medians[CASE_MATCH] - empty;

	for (guint i = 0; i < G_N_ELEMENTS(goals); i++) {
		g_autofree char *batched = NULL, *each = NULL, *missed = NULL;

		if (goals[i].size != size)
			continue;
		batched = g_strdup_printf("%zu B: match / perf batched", size);
		each = g_strdup_printf("%zu B: match / perf with a wake-up each", size);
		missed = g_strdup_printf("%zu B: (no match - hook) / empty", size);
		print_goal(batched, net / (medians[CASE_PERF] - empty), goals[i].batched);
		print_goal(each, net / (medians[CASE_PERF_EACH] - empty), goals[i].each);
		print_goal(missed, (medians[CASE_NO_MATCH] - medians[CASE_HOOK]) / empty, 0.5);
	}
}

static void teardown(Bench *bench)
{
	for (Case which = 0; which < CASES; which++) {
		drain_free(bench->drains[which]);
		program_set_free(bench->sets[which]);
	}
}

/* A table and its goals. FALSE if a packet is not accounted for. */
static gboolean run_table(Rig *rig, guint cpu, gsize ring_size, guint rounds, guint count)
{
	g_autofree Bench *bench = g_new0(Bench, 1);
	gdouble medians[G_N_ELEMENTS(sizes)][CASES];
	gboolean exact;

	setup(bench, rig, cpu, ring_size);
	warm(bench);
	printf("ns a packet, net of the empty program but for its own column; rings of %zu KiB; "
	       "medians of %u rounds\n\n%8s",
	       ring_size / 1024, rounds, "bytes");
	for (Case which = 0; which < CASES; which++)
		printf(" %12s", titles[which]);
	printf("\n");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		measure(bench, sizes[i], rounds, count);
		printf("%8zu", sizes[i]);
		for (Case which = 0; which < CASES; which++) {
			medians[i][which] = rig_median(bench->times[which], rounds);
			printf(" %12.0f", medians[i][which] - (which ? medians[i][CASE_EMPTY] : 0));
		}
		printf("\n");
	}
	printf("\n");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
		print_goals(sizes[i], medians[i]);
	exact = account(bench);
	teardown(bench);
	return exact;
}

int main(int argc, char **argv)
{
	gint rounds = 15, count = 10000, cpu = 0;
	const GOptionEntry entries[] = {
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Interleaved rounds (15)", "N" },
		{ "count", 'c', 0, G_OPTION_ARG_INT, &count, "Packets a round (10000)", "N" },
		{ "cpu", 0, 0, G_OPTION_ARG_INT, &cpu, "CPU to run on (0)", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	gboolean exact;
	Rig *rig;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	rounds = CLAMP(rounds, 1, ROUNDS_MAX);
	count = MAX(count, 1);
	rig_pin(cpu);
	rig = rig_new();
	exact = run_table(rig, cpu, RIG_RING_CACHED, rounds, count);
	printf("\n");
	exact &= run_table(rig, cpu, RIG_RING_DEFAULT, rounds, count);
	rig_free(rig);
	return exact ? EXIT_SUCCESS : EXIT_FAILURE;
}
