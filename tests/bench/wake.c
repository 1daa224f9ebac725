// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wake perf|ring HOOK: captures from a hook with the wake rules that the product does not use, as
 * libbpf's own readers do by default: `perf` wakes for each record, as xdpcap does; `ring` whenever
 * the reader had read all. Discards the packets. Prints how many it has read when it is asked to
 * end.
 */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Of perf's buffer for each CPU: as much as the product's ring. */
#define PERF_PAGES 4096

static volatile sig_atomic_t ended;

static void on_signal(int number G_GNUC_UNUSED)
{
	ended = 1;
}

static void count_perf(void *counter, int cpu G_GNUC_UNUSED, void *data G_GNUC_UNUSED,
		       __u32 size G_GNUC_UNUSED)
{
	++*(guint64 *)counter;
}

static int count_ring(void *counter, void *data G_GNUC_UNUSED, size_t size G_GNUC_UNUSED)
{
	++*(guint64 *)counter;
	return 0;
}

static void read_perf(int map, guint64 *counter)
{
	struct perf_buffer *buffer =
		perf_buffer__new(map, PERF_PAGES, count_perf, NULL, counter, NULL);

	while (buffer && !ended)
		perf_buffer__poll(buffer, 100);
	perf_buffer__free(buffer);
}

static void read_ring(int map, guint64 *counter)
{
	struct ring_buffer *buffer = ring_buffer__new(map, count_ring, counter, NULL);

	while (buffer && !ended)
		ring_buffer__poll(buffer, 100);
	ring_buffer__free(buffer);
}

static const struct {
	const char *name, *program, *map;
	void (*read)(int map, guint64 *counter);
} rules[] = {
	{ "perf", "perf_each", "events_each", read_perf },
	{ "ring", "ring_default", "ring", read_ring },
};

int main(int argc, char **argv)
{
	struct bpf_object *object = bpf_object__open_file(BENCH_OBJECT, NULL);
	guint64 packets = 0;
	guint32 slot = XDP_DROP;

	if (argc != 3 || !object || bpf_object__load(object) < 0)
		g_error("usage: wake perf|ring HOOK");
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
		int hook = bpf_obj_get(argv[2]), program;

		if (strcmp(rules[i].name, argv[1]) != 0)
			continue;
		program =
			bpf_program__fd(bpf_object__find_program_by_name(object, rules[i].program));
		if (bpf_map_update_elem(hook, &slot, &program, BPF_ANY) < 0)
			g_error("%s takes no program", argv[2]);
		rules[i].read(bpf_object__find_map_fd_by_name(object, rules[i].map), &packets);
		bpf_map_delete_elem(hook, &slot);
	}
	fprintf(stderr, "%" G_GUINT64_FORMAT " packets captured\n", packets);
	return EXIT_SUCCESS;
}
