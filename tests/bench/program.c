// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench program: what a packet costs that an XDP program without a hook sees, captured at its entry
 * and its exit, beside the same packet at a hook; in ns, or in instructions where the machine's
 * clock counts these (tests/vm/run -i). docs/performance.md explains the columns.
 */
#include <glib.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "program_record.h"
#include "rig.h"
#include "trace.h"
#include "xdp_function.h"

#define SKIPPED	      77
#define FULL	      262144
#define ROUNDS_MAX    1000
#define BOTH	      (XDPSHARK_AT_ENTRY | XDPSHARK_AT_EXIT)
/* So long xdpdump may take to attach itself, in ms. */
#define PATIENCE      20000
/* What fits into its buffer, and how long it may take to empty that, in us: one that is full would
 * cost less. */
#define XDPDUMP_COUNT 100
#define XDPDUMP_PAUSE 50000

typedef enum {
	CASE_EMPTY,
	CASE_HOOK_NO_MATCH,
	CASE_HOOK_MATCH,
	CASE_CALL_ENTRY, /* tracing programs that do nothing */
	CASE_CALL_BOTH,
	CASE_COPY_ENTRY,
	CASE_ENTRY_NO_MATCH, /* the product's */
	CASE_BOTH_NO_MATCH,
	CASE_EXIT_NO_MATCH, /* both captured, the filter at exit */
	CASE_NO_DROP,	    /* both captured, of packets that pass */
	CASE_ENTRY_MATCH,
	CASE_EXIT_MATCH, /* captured at exit, the filter at entry */
	CASE_BOTH_MATCH,
	CASE_XDPDUMP,
	CASES,
} Case;

static const char *const titles[CASES] = {
	"nothing attached",
	"hook, no match",
	"hook, match",
	"fentry that does nothing",
	"fentry and fexit that do nothing",
	"fentry that copies what the filter looks at",
	"entry, no match",
	"entry and exit, no match",
	"entry and exit, --filter-at exit, no match",
	"entry and exit, -a pass, match but dropped",
	"entry, match",
	"exit, match",
	"entry and exit, match",
	"xdpdump, entry and exit, another device",
};

static const struct {
	Case which;
	RigFilter filter;
	guint captured, judged, actions;
} watches[] = {
	{ CASE_ENTRY_NO_MATCH, RIG_FILTER_NO_MATCH, XDPSHARK_AT_ENTRY, XDPSHARK_AT_ENTRY, 0 },
	{ CASE_BOTH_NO_MATCH, RIG_FILTER_NO_MATCH, BOTH, XDPSHARK_AT_ENTRY, 0 },
	{ CASE_EXIT_NO_MATCH, RIG_FILTER_NO_MATCH, BOTH, XDPSHARK_AT_EXIT, 0 },
	{ CASE_NO_DROP, RIG_FILTER_MATCH, BOTH, XDPSHARK_AT_ENTRY, 1U << XDP_PASS },
	{ CASE_ENTRY_MATCH, RIG_FILTER_MATCH, XDPSHARK_AT_ENTRY, XDPSHARK_AT_ENTRY, 0 },
	{ CASE_EXIT_MATCH, RIG_FILTER_MATCH, XDPSHARK_AT_EXIT, XDPSHARK_AT_ENTRY, 0 },
	{ CASE_BOTH_MATCH, RIG_FILTER_MATCH, BOTH, XDPSHARK_AT_ENTRY, 0 },
};

static const gsize sizes[] = { 64, 512, 1500 };

typedef struct {
	Rig *rig;
	ProgramSet *sets[CASES]; /* NULL: not the product's */
	TraceLinks links[CASES];
	int programs[CASES]; /* to be run; -1: it is left out */
	Drain *drains[CASES];
	gdouble times[CASES][ROUNDS_MAX];
	GPid xdpdump; /* 0: it does not run */
} Bench;

/* Test runs are as if from the loopback device. */
static void watch(Bench *bench, guint row, guint cpu)
{
	Case which = watches[row].which;
	int program = rig_empty(bench->rig, NULL);
	g_autofree char *function = xdp_function_name(program);
	g_autoptr(GError) error = NULL;
	TraceTarget target = { .program = rig_id(program),
			       .fd = program,
			       .function = function,
			       .ifindex = if_nametoindex("lo"),
			       .captured = watches[row].captured,
			       .judged = watches[row].judged,
			       .actions = watches[row].actions };
	ProgramSet *set;

	rig_namespace(&target.namespace_cookie, &target.namespace);
	set = rig_trace(&target, watches[row].filter, FULL, RIG_RING_CACHED);
	if (!trace_attach(set, &bench->links[which], &error))
		g_error("%s", error->message);
	bench->sets[which] = set;
	bench->programs[which] = program;
	bench->drains[which] = drain_ring(set, cpu, RIG_RING_CACHED);
}

/* Attaches the named tracing programs to a program of its own. */
static int attach_plain(Bench *bench, const char *const *names, guint32 reach)
{
	int program = rig_empty(bench->rig, NULL);
	g_autofree char *function = xdp_function_name(program);
	struct bpf_object *object = bpf_object__open_file(WATCH_OBJECT, NULL);
	struct bpf_program *each;
	struct bpf_map *constants;
	gsize size;

	g_assert_nonnull(object);
	constants = bpf_object__find_map_by_name(object, ".rodata");
	memcpy((guint8 *)bpf_map__initial_value(constants, &size), &reach, sizeof(reach));
	bpf_object__for_each_program(each, object)
	{
		gboolean wanted = g_strv_contains(names, bpf_program__name(each));

		bpf_program__set_autoload(each, wanted);
		if (wanted && bpf_program__set_attach_target(each, program, function) < 0)
			g_error("no function %s", function);
	}
	if (bpf_object__load(object) < 0)
		g_error("cannot load %s", WATCH_OBJECT);
	bpf_object__for_each_program(
		each, object) if (bpf_program__autoload(each) &&
				  bpf_raw_tracepoint_open(NULL, bpf_program__fd(each)) < 0)
		g_error("cannot attach %s", bpf_program__name(each));
	return program;
}

static guint count_links(void)
{
	guint32 id = 0;
	guint count = 0;

	while (bpf_link_get_next_id(id, &id) == 0)
		count++;
	return count;
}

/* It runs on another CPU, if there is one, and throws away what it gets. */
static void start_xdpdump(Bench *bench)
{
	g_autofree char *path = g_find_program_in_path("xdpdump");
	g_autofree char *device = NULL;
	guint before = count_links();
	int program = path ? rig_empty(bench->rig, &device) : -1;
	const char *argv[] = { path,	     "-i", device,	"--rx-capture",
			       "entry,exit", "-w", "/dev/null", NULL };

	bench->programs[CASE_XDPDUMP] = -1;
	if (!path || !g_spawn_async(NULL, (char **)argv, NULL,
				    G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL |
					    G_SPAWN_DO_NOT_REAP_CHILD,
				    NULL, NULL, &bench->xdpdump, NULL))
		return;
	for (guint i = 0; i < PATIENCE && count_links() < before + 2; i++)
		g_usleep(1000);
	if (count_links() >= before + 2)
		bench->programs[CASE_XDPDUMP] = program;
}

static void setup(Bench *bench, guint cpu)
{
	static const struct {
		Case which;
		RigFilter filter;
	} hooks[] = {
		{ CASE_HOOK_NO_MATCH, RIG_FILTER_NO_MATCH },
		{ CASE_HOOK_MATCH, RIG_FILTER_MATCH },
	};
	static const char *const entry[] = { "call_entry", NULL };
	static const char *const both[] = { "call_entry", "call_exit", NULL };
	static const char *const copy[] = { "copy_entry", NULL };

	bench->programs[CASE_EMPTY] = rig_program(bench->rig, "empty");
	for (guint i = 0; i < G_N_ELEMENTS(hooks); i++) {
		Case which = hooks[i].which;

		bench->sets[which] = rig_capture(hooks[i].filter, FULL, RIG_RING_CACHED);
		bench->programs[which] =
			rig_hook(bench->rig, program_set_fd(bench->sets[which], XDP_DROP));
		bench->drains[which] = drain_ring(bench->sets[which], cpu, RIG_RING_CACHED);
	}
	for (guint i = 0; i < G_N_ELEMENTS(watches); i++)
		watch(bench, i, cpu);
	bench->programs[CASE_CALL_ENTRY] = attach_plain(bench, entry, 0);
	bench->programs[CASE_CALL_BOTH] = attach_plain(bench, both, 0);
	bench->programs[CASE_COPY_ENTRY] =
		attach_plain(bench, copy, MIN(bench->sets[CASE_ENTRY_NO_MATCH]->config->reach, 64));
	start_xdpdump(bench);
}

static void warm(Bench *bench)
{
	for (Case which = 0; which < CASES; which++)
		if (bench->drains[which] && which != CASE_NO_DROP)
			rig_warm(bench->programs[which], bench->drains[which]);
}

static void measure(Bench *bench, gsize size, guint rounds, guint count)
{
	g_autofree guint8 *packet = rig_packet(size);

	for (guint round = 0; round < rounds; round++)
		for (Case which = 0; which < CASES; which++) {
			guint packets = count;

			if (which == CASE_XDPDUMP) {
				packets = MIN(count, XDPDUMP_COUNT);
				g_usleep(XDPDUMP_PAUSE);
			}
			bench->times[which][round] =
				bench->programs[which] < 0
					? -1
					: rig_run(bench->programs[which], packet, size, packets,
						  bench->drains[which]);
		}
}

static void print_goal(const char *what, gdouble value, gdouble goal)
{
	printf("%-52s %6.2f  goal %5.2f  %s\n", what, value, goal,
	       value <= goal ? "met" : "missed");
}

static void print_table(gdouble medians[G_N_ELEMENTS(sizes)][CASES], guint rounds)
{
	printf("a packet, net of the first row but for itself; medians of %u rounds\n\n%-46s",
	       rounds, "bytes");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
		printf(" %8zu", sizes[i]);
	printf("\n");
	for (Case which = 0; which < CASES; which++) {
		printf("%-46s", titles[which]);
		for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
			if (medians[i][which] < 0)
				printf(" %8s", "-");
			else
				printf(" %8.1f",
				       medians[i][which] - (which ? medians[i][CASE_EMPTY] : 0));
		printf("\n");
	}
	printf("\n");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *what = g_strdup_printf("%zu B: both match / hook match", sizes[i]);

		print_goal(what,
			   (medians[i][CASE_BOTH_MATCH] - medians[i][CASE_EMPTY]) /
				   (medians[i][CASE_HOOK_MATCH] - medians[i][CASE_EMPTY]),
			   2.5);
	}
}

static gboolean is_lost(const ProgramSet *set)
{
	const Rings *rings = program_set_rings(set);

	for (guint32 cpu = 0; cpu < rings->cpu_count; cpu++) {
		struct xdpshark_cpu state;

		if (bpf_map_lookup_elem(rings->cpus, &cpu, &state) < 0)
			g_error("cannot read the counters");
		for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++)
			for (guint outcome = XDPSHARK_LOST_FULL; outcome < XDPSHARK_OUTCOMES;
			     outcome++)
				if (state.outcomes[slot][outcome] > 0)
					return TRUE;
	}
	return FALSE;
}

/* FALSE if a packet was lost. */
static gboolean teardown(Bench *bench)
{
	gboolean exact = TRUE;

	if (bench->xdpdump) {
		kill(bench->xdpdump, SIGTERM);
		g_spawn_close_pid(bench->xdpdump);
	}
	for (guint i = 0; i < G_N_ELEMENTS(watches); i++)
		trace_detach(&bench->links[watches[i].which]);
	for (Case which = 0; which < CASES; which++) {
		exact &= !bench->sets[which] || !is_lost(bench->sets[which]);
		drain_free(bench->drains[which]);
		program_set_free(bench->sets[which]);
	}
	return exact;
}

int main(int argc, char **argv)
{
	gint rounds = 9, count = 10000, cpu = 0;
	const GOptionEntry entries[] = {
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Interleaved rounds (9)", "N" },
		{ "count", 'c', 0, G_OPTION_ARG_INT, &count, "Packets a round (10000)", "N" },
		{ "cpu", 0, 0, G_OPTION_ARG_INT, &cpu, "CPU to run on (0)", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autofree Bench *bench = g_new0(Bench, 1);
	gdouble medians[G_N_ELEMENTS(sizes)][CASES];
	g_autoptr(GError) error = NULL;
	gboolean exact;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	rounds = CLAMP(rounds, 1, ROUNDS_MAX);
	count = MAX(count, 1);
	rig_pin((guint)cpu);
	bench->rig = rig_new();
	if (trace_refusal()) {
		printf("SKIP: %s\n", trace_refusal());
		return SKIPPED;
	}
	setup(bench, (guint)cpu);
	warm(bench);
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		measure(bench, sizes[i], (guint)rounds, (guint)count);
		for (Case which = 0; which < CASES; which++)
			medians[i][which] = rig_median(bench->times[which], (guint)rounds);
	}
	print_table(medians, (guint)rounds);
	exact = teardown(bench);
	rig_free(bench->rig);
	if (!exact)
		printf("packets were lost\n");
	return exact ? EXIT_SUCCESS : EXIT_FAILURE;
}
