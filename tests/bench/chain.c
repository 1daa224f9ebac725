// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench chain: what several captures on one hook cost a packet, which goes from one's program to
 * the next by tail calls: none matching, and all matching.
 */
#include <errno.h>
#include <glib.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "backlog.h"
#include "rig.h"

#define FULL	     262144
#define LENGTHS	     G_N_ELEMENTS(lengths)
#define CAPTURES_MAX 8
/* About so many that are freed with a capture: each function has memory of its own. */
#define SET_PROGRAMS 8

static const guint lengths[] = { 0, 1, 2, 4, CAPTURES_MAX };

static const struct {
	const char *name;
	RigFilter filter;
} cases[] = {
	{ "no match", RIG_FILTER_NO_MATCH },
	{ "match", RIG_FILTER_MATCH },
};

typedef struct {
	int program; /* that leaves through the hook */
	guint length;
	ProgramSet *sets[CAPTURES_MAX];
	Drain *drain; /* of all rings */
} Chain;

/* As slot.c links them: the array of each holds the program of the next. */
static void chain_link(const Chain *chain)
{
	guint32 slot = XDP_DROP;

	for (guint i = 0; i + 1 < chain->length; i++) {
		int next = program_set_fd(chain->sets[i + 1], XDP_DROP);

		if (bpf_map_update_elem(program_set_next(chain->sets[i]), &slot, &next, BPF_ANY) <
		    0)
			g_error("the array of a capture takes no program: %s", g_strerror(errno));
	}
}

static void chain_make(Chain *chain, Rig *rig, RigFilter filter, guint length, guint cpu)
{
	chain->length = length;
	for (guint i = 0; i < length; i++)
		chain->sets[i] = rig_capture(filter, FULL, RIG_RING_CACHED);
	for (guint i = length; i-- > 0;)
		chain->drain =
			drain_join(drain_ring(chain->sets[i], cpu, RIG_RING_CACHED), chain->drain);
	chain_link(chain);
	chain->program = rig_hook(rig, length > 0 ? program_set_fd(chain->sets[0], XDP_DROP) : -1);
}

/* Each packet has come to each capture, and none is lost, or the bench measures something else. */
static void chain_check(const Chain *chain, RigFilter filter, guint cpu)
{
	guint64 first = 0;

	for (guint i = 0; i < chain->length; i++) {
		struct xdpshark_cpu state;
		const guint64 *outcomes = (const guint64 *)state.outcomes[XDP_DROP];

		if (bpf_map_lookup_elem(program_set_rings(chain->sets[i])->cpus, &cpu, &state) < 0)
			g_error("no counters: %s", g_strerror(errno));
		guint64 seen = outcomes[filter == RIG_FILTER_MATCH ? XDPSHARK_CAPTURED
								   : XDPSHARK_REJECTED];
		first = i == 0 ? seen : first;
		if (seen == 0 || seen != first || outcomes[XDPSHARK_LOST_FULL] > 0)
			g_error("capture %u of %u has %" G_GUINT64_FORMAT
				" packets, the first one %" G_GUINT64_FORMAT,
				i + 1, chain->length, seen, first);
	}
}

static void chain_clear(Chain *chain)
{
	drain_free(chain->drain);
	for (guint i = 0; i < chain->length; i++) {
		program_set_free(chain->sets[i]);
		backlog_add(SET_PROGRAMS);
	}
}

static void measure(const Chain *chains, gsize size, guint count, guint rounds, gdouble medians[])
{
	g_autofree guint8 *packet = rig_packet(size);
	g_autofree gdouble *times = g_new(gdouble, LENGTHS * rounds);

	for (guint round = 0; round < rounds; round++)
		for (guint i = 0; i < LENGTHS; i++)
			times[i * rounds + round] =
				rig_run(chains[i].program, packet, size, count, chains[i].drain);
	for (guint i = 0; i < LENGTHS; i++)
		medians[i] = rig_median(times + (gsize)i * rounds, rounds);
}

static void print_row(const char *name, gsize size, const gdouble medians[])
{
	gdouble first = medians[1] - medians[0];

	printf("%8zu  %-8s", size, name);
	for (guint i = 0; i < LENGTHS; i++)
		printf(" %8.0f", medians[i]);
	printf(" %12.2f\n",
	       (medians[LENGTHS - 1] - medians[1]) / (CAPTURES_MAX - 1) / MAX(first, 1));
}

int main(int argc, char **argv)
{
	static const gsize sizes[] = { 64, 1500 };
	gint rounds = 15, count = 50000, cpu = 0;
	const GOptionEntry entries[] = {
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Interleaved rounds (15)", "N" },
		{ "count", 'c', 0, G_OPTION_ARG_INT, &count, "Packets a round (50000)", "N" },
		{ "cpu", 0, 0, G_OPTION_ARG_INT, &cpu, "CPU to run on (0)", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	gdouble medians[G_N_ELEMENTS(sizes)][G_N_ELEMENTS(cases)][LENGTHS];
	Rig *rig;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	rig = rig_new();
	rig_pin((guint)cpu);
	/* One case after the other: not more programs at a time than may be freed at a time. */
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		Chain chains[LENGTHS] = { 0 };

		for (guint k = 0; k < LENGTHS; k++)
			chain_make(&chains[k], rig, cases[i].filter, lengths[k], (guint)cpu);
		for (guint size = 0; size < G_N_ELEMENTS(sizes); size++)
			measure(chains, sizes[size], MAX(1, count), MAX(1, rounds),
				medians[size][i]);
		for (guint k = 0; k < LENGTHS; k++) {
			chain_check(&chains[k], cases[i].filter, (guint)cpu);
			chain_clear(&chains[k]);
		}
	}
	printf("ns a packet, by the number of captures on the hook; next / first: what another "
	       "capture costs\n\n%8s  %-8s",
	       "bytes", "");
	for (guint k = 0; k < LENGTHS; k++)
		printf(" %8u", lengths[k]);
	printf(" %12s\n", "next / first");
	for (guint size = 0; size < G_N_ELEMENTS(sizes); size++)
		for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
			print_row(cases[i].name, sizes[size], medians[size][i]);
	rig_free(rig);
	return EXIT_SUCCESS;
}
