// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench scale: ns a packet with 1, 2, ... CPUs emitting at the same time into one capture. Each CPU
 * has its ring and its counters, so that the figures should not grow.
 */
#include <glib.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"

#define FULL	 262144
#define CPUS_MAX 64

typedef struct {
	guint cpu;
	gsize size;
	guint count;
	int program;
	Drain *drain;
	gdouble time;
} Worker;

/* The start: all wait until all are there. */
static gint waiting;

static gpointer work(gpointer data)
{
	Worker *worker = data;
	g_autofree guint8 *packet = rig_packet(worker->size);

	rig_pin(worker->cpu);
	g_atomic_int_add(&waiting, -1);
	while (g_atomic_int_get(&waiting) > 0)
		;
	worker->time = rig_run(worker->program, packet, worker->size, worker->count, worker->drain);
	return NULL;
}

/* The mean over the CPUs. */
static gdouble run(Worker *workers, guint cpus)
{
	GThread *threads[CPUS_MAX];
	gdouble sum = 0;

	g_atomic_int_set(&waiting, (gint)cpus);
	for (guint cpu = 0; cpu < cpus; cpu++)
		threads[cpu] = g_thread_new("cpu", work, &workers[cpu]);
	for (guint cpu = 0; cpu < cpus; cpu++) {
		g_thread_join(threads[cpu]);
		sum += workers[cpu].time;
	}
	return sum / cpus;
}

static void measure(Worker *workers, guint cpus, guint rounds, gdouble medians[])
{
	g_autofree gdouble *times = g_new(gdouble, (gsize)cpus * rounds);

	for (guint round = 0; round < rounds; round++)
		for (guint used = 1; used <= cpus; used++)
			times[(used - 1) * rounds + round] = run(workers, used);
	for (guint used = 1; used <= cpus; used++)
		medians[used - 1] = rig_median(times + (gsize)(used - 1) * rounds, rounds);
}

int main(int argc, char **argv)
{
	static const gsize sizes[] = { 64, 1500 };
	gint rounds = 15, count = 50000;
	const GOptionEntry entries[] = {
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Interleaved rounds (15)", "N" },
		{ "count", 'c', 0, G_OPTION_ARG_INT, &count, "Packets a round (50000)", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	guint cpus = CLAMP(sysconf(_SC_NPROCESSORS_ONLN), 1, CPUS_MAX);
	Worker workers[CPUS_MAX];
	ProgramSet *set;
	Rig *rig;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	rig = rig_new();
	set = rig_capture(RIG_FILTER_MATCH, FULL, RIG_RING_CACHED);
	int program = rig_hook(rig, program_set_fd(set, XDP_DROP));
	printf("ns a packet, matching, by the number of CPUs that emit\n\n%8s", "bytes");
	for (guint cpu = 0; cpu < cpus; cpu++)
		printf(" %8u", cpu + 1);
	printf("\n");
	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		gdouble medians[CPUS_MAX];

		for (guint cpu = 0; cpu < cpus; cpu++) {
			Drain *drain =
				i == 0 ? drain_ring(set, cpu, RIG_RING_CACHED) : workers[cpu].drain;
			workers[cpu] = (Worker){ cpu, sizes[i], MAX(1, count), program, drain, 0 };
		}
		measure(workers, cpus, MAX(1, rounds), medians);
		printf("%8zu", sizes[i]);
		for (guint cpu = 0; cpu < cpus; cpu++)
			printf(" %8.0f", medians[cpu]);
		printf("\n");
	}
	for (guint cpu = 0; cpu < cpus; cpu++)
		drain_free(workers[cpu].drain);
	program_set_free(set);
	rig_free(rig);
	return EXIT_SUCCESS;
}
