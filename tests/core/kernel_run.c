/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Random programs in the kernel: its verifier accepts them, and they give libpcap's results, with
 * packet pointers and with a buffer. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generator.h"
#include "kernel.h"
#include "reference.h"

#define EXIT_SKIPPED 77
#define PACKETS	     8
#define LOG_BYTES    65536

typedef struct {
	gint programs;
	gint64 seed;
	guint64 runs, processed;
	guint failed;
	char *log;
} Run;

/* A packet from the generator, sometimes extended to the maximum length that the kernel takes. */
static guint32 frame_make(struct generator *generator, guint8 *bytes)
{
	guint32 length = generator_packet(generator, bytes);

	if (generator_number(generator, 8) == 0) {
		guint32 more = KERNEL_FRAME_MOST - generator_number(generator, 64);

		memset(bytes + length, 0x11, more - length);
		length = more;
	}
	return MAX(length, KERNEL_FRAME_LEAST);
}

static void frames_run(Run *run, const struct sock_filter *code, struct generator *generator,
		       int program, int map, guint32 size, gint64 seed)
{
	g_autofree guint8 *value = g_malloc0(KERNEL_FRAME_MOST);

	for (int i = 0; i < PACKETS; i++) {
		guint8 bytes[KERNEL_FRAME_MOST] = { 0 };
		guint32 length = frame_make(generator, bytes);
		guint32 captured = map < 0 ? length : MIN(length, size);
		guint32 ours, theirs;
		int result = 0;

		memcpy(value, bytes, captured);
		if (map >= 0)
			result = kernel_map_write(map, value);
		if (result == 0)
			result = kernel_run(program, bytes, length, &ours);
		if (result) {
			printf("seed %" G_GINT64_FORMAT ": %s\n", seed, strerror(-result));
			run->failed++;
			return;
		}
		theirs = reference_run(code, bytes, length, captured);
		run->runs++;
		if (ours == theirs)
			continue;
		printf("seed %" G_GINT64_FORMAT ", packet %d of %u bytes, buffer %u: %u instead of "
		       "%u\n",
		       seed, i, length, size, ours, theirs);
		run->failed++;
	}
}

static void seed_run(Run *run, gint64 seed, gboolean buffer)
{
	struct cbpf_options options = { .size = sizeof(options) };
	struct sock_filter code[GENERATOR_INSNS];
	struct cbpf_program *program = NULL;
	struct generator generator;
	int map = -1, fd;
	gsize length;

	generator_seed(&generator, (guint64)seed);
	length = generator_program(&generator, code);
	if (buffer) {
		options.access = CBPF_ACCESS_BUFFER;
		options.buffer_size = 1 + generator_number(&generator, KERNEL_FRAME_MOST);
		map = kernel_map(options.buffer_size);
	}
	if (cbpf_compile(code, length, &options, &program, NULL)) {
		run->failed++;
		return;
	}
	fd = buffer ? kernel_load_buffer(program, map, options.buffer_size, run->log, LOG_BYTES)
		    : kernel_load(program, run->log, LOG_BYTES);
	cbpf_program_free(program);
	if (fd < 0) {
		printf("seed %" G_GINT64_FORMAT ", %s: %s: %s\n", seed,
		       buffer ? "buffer" : "packet", strerror(-fd), run->log);
		run->failed++;
	} else {
		run->processed = MAX(run->processed, kernel_log_processed(run->log));
		frames_run(run, code, &generator, fd, map, options.buffer_size, seed);
		kernel_unload(fd);
	}
	if (map >= 0)
		close(map);
}

/* Programs where a verifier knew less of X after a comparison than before. */
static const gint64 once_refused[] = { 114751, 162815, 973319 };

int main(int argc, char **argv)
{
	Run run = { .programs = 3000, .seed = 1 };
	const GOptionEntry entries[] = {
		{ "programs", 'n', 0, G_OPTION_ARG_INT, &run.programs, "how many", "N" },
		{ "seed", 's', 0, G_OPTION_ARG_INT64, &run.seed, "the first seed", "N" },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- random programs in the kernel");
	g_autofree char *log = g_malloc(LOG_BYTES);
	g_autoptr(GError) error = NULL;
	char why[128];

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return EXIT_FAILURE;
	}
	if (!kernel_usable(why, sizeof(why))) {
		printf("SKIP: %s\n", why);
		return EXIT_SKIPPED;
	}
	run.log = log;
	for (gsize i = 0; i < G_N_ELEMENTS(once_refused); i++)
		seed_run(&run, once_refused[i], FALSE);
	for (gint i = 0; i < run.programs && run.failed < 5; i++)
		seed_run(&run, run.seed + i, i % 3 == 2);
	printf("%d programs, %" G_GUINT64_FORMAT " runs, %u failures; verifier looked at most at "
	       "%" G_GUINT64_FORMAT " instructions\n",
	       run.programs, run.runs, run.failed, run.processed);
	return run.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
