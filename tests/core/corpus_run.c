/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs the filter corpus: loads each program into the kernel once and runs it over every packet.
 * --interpret does without a kernel. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "corpus.h"
#include "kernel.h"
#include "vm.h"

#define EXIT_SKIPPED  77
#define LOG_BYTES     65536
#define PROGRAMS_MOST 65536
#define FRAME_MOST    65535 /* the longest frame; libcbpf matches nothing beyond */

typedef struct {
	guint64 programs, runs, mismatches, refusals, unexpected;
	guint32 insns[PROGRAMS_MOST];	  /* emitted, per program */
	guint32 processed[PROGRAMS_MOST]; /* by the verifier, per program */
} Tally;

typedef struct {
	GPtrArray *programs;
	GPtrArray *packets;
	Tally *tally; /* shared by the processes; each has its own programs */
	gint jobs;
	gboolean load_only;
	gboolean interpret;
	gint step; /* only every step-th packet */
	gboolean quiet;
	gchar *only;
} Run;

/* Where a program runs: in the kernel, as fd, or here. */
typedef struct {
	int fd;
	const struct cbpf_program *compiled; /* if interpreted */
} Place;

/* Returns NULL and sets *ret_value, or says why there is none. */
static const char *place_run(const Place *place, const Packet *packet, guint32 *ret_value)
{
	struct vm_arguments arguments = { .bytes = packet->bytes,
					  .readable = packet->length,
					  .length = packet->length };
	const struct bpf_insn *insns;
	struct vm_result ran;
	size_t count;
	int result;

	if (!place->compiled) {
		result = kernel_run(place->fd, packet->bytes, packet->length, ret_value);
		return result ? strerror(-result) : NULL;
	}
	insns = cbpf_program_insns(place->compiled, &count);
	ran = vm_run(insns, count, &arguments);
	*ret_value = (guint32)ran.value;
	return ran.fault;
}

static gboolean packet_suits(const Run *run, const Packet *packet)
{
	if (run->interpret)
		return packet->length <= FRAME_MOST;
	return packet->length >= KERNEL_FRAME_LEAST && packet->length <= KERNEL_FRAME_MOST;
}

static void program_compare(const Run *run, const Program *program, const Place *place)
{
	guint64 wrong = 0;

	for (guint i = 0; i < run->packets->len; i += (guint)run->step) {
		const Packet *packet = g_ptr_array_index(run->packets, i);
		guint32 value, wanted;
		const char *why;

		if (!packet_suits(run, packet))
			continue;
		why = place_run(place, packet, &value);
		if (why) {
			fprintf(stderr, "%s: packet %u: %s\n", program->name, i, why);
			wrong++;
			continue;
		}
		if (program->verdicts) {
			wanted = program->verdicts[i >> 3] >> (i & 7) & 1;
			value = value != 0;
		} else {
			wanted = program->values[i];
		}
		__atomic_fetch_add(&run->tally->runs, 1, __ATOMIC_RELAXED);
		if (value == wanted)
			continue;
		if (wrong++ < 3)
			fprintf(stderr, "%s (%s): packet %u (%u bytes): %u instead of %u\n",
				program->name, program->flags, i, packet->length, value, wanted);
	}
	__atomic_fetch_add(&run->tally->mismatches, wrong, __ATOMIC_RELAXED);
}

/* Linux's extensions have another meaning here than libpcap gives them. */
static gboolean program_compares(const Run *run, const Program *program)
{
	return program->valid && !run->load_only && !strstr(program->flags, "aux") &&
	       !strstr(program->flags, "skf") && !strstr(program->flags, "mem") &&
	       !strstr(program->flags, "shiftk");
}

/* Loads the program if it is to run in the kernel; FALSE if the kernel refuses it. */
static gboolean place_init(const Run *run, guint index, Place *place, char *log)
{
	const Program *program = g_ptr_array_index(run->programs, index);

	place->fd = -1;
	if (run->interpret)
		return TRUE;
	place->fd = kernel_load(place->compiled, log, LOG_BYTES);
	place->compiled = NULL;
	if (place->fd < 0) {
		fprintf(stderr, "%s (%s): kernel: %s: %s\n", program->name, program->flags,
			strerror(-place->fd), log);
		__atomic_fetch_add(&run->tally->refusals, 1, __ATOMIC_RELAXED);
		return FALSE;
	}
	run->tally->processed[index] = (guint32)kernel_log_processed(log);
	return TRUE;
}

static void program_run(const Run *run, guint index, char *log)
{
	const Program *program = g_ptr_array_index(run->programs, index);
	struct cbpf_program *compiled = NULL;
	struct cbpf_error error;
	Place place;
	size_t count;
	int result;

	result = cbpf_compile(program->code, program->length, NULL, &compiled, &error);
	if (result) {
		if (program->valid && result != -ENOTSUP) {
			fprintf(stderr, "%s (%s): refused: %s\n", program->name, program->flags,
				error.text);
			__atomic_fetch_add(&run->tally->refusals, 1, __ATOMIC_RELAXED);
		}
		return;
	}
	if (!program->valid) {
		fprintf(stderr, "%s: libpcap refuses it, we do not\n", program->name);
		__atomic_fetch_add(&run->tally->unexpected, 1, __ATOMIC_RELAXED);
	}
	(void)cbpf_program_insns(compiled, &count);
	run->tally->insns[index] = (guint32)count;
	place.compiled = compiled;
	if (place_init(run, index, &place, log)) {
		__atomic_fetch_add(&run->tally->programs, 1, __ATOMIC_RELAXED);
		if (program_compares(run, program))
			program_compare(run, program, &place);
		if (place.fd >= 0)
			kernel_unload(place.fd);
	}
	cbpf_program_free(compiled);
}

static void run_part(const Run *run, gint part)
{
	g_autofree char *log = g_malloc(LOG_BYTES);

	for (guint i = (guint)part; i < run->programs->len; i += (guint)run->jobs) {
		const Program *program = g_ptr_array_index(run->programs, i);

		if (!run->only || g_str_equal(run->only, program->name))
			program_run(run, i, log);
	}
}

static int compare_numbers(const void *a, const void *b)
{
	guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;

	return left < right ? -1 : left > right;
}

static guint32 share(guint32 *sorted, guint count, guint percent)
{
	return count ? sorted[(guint64)(count - 1) * percent / 100] : 0;
}

static int run_report(const Run *run, const gchar *suite)
{
	Tally *tally = run->tally;
	guint count = run->programs->len;

	qsort(tally->insns, count, sizeof(guint32), compare_numbers);
	qsort(tally->processed, count, sizeof(guint32), compare_numbers);
	printf("%s: %" G_GUINT64_FORMAT " programs, %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT
	       " mismatches, %" G_GUINT64_FORMAT " refused, %" G_GUINT64_FORMAT
	       " accepted against libpcap; "
	       "instructions median %u p95 %u max %u; verifier median %u p95 %u max %u\n",
	       suite, tally->programs, tally->runs, tally->mismatches, tally->refusals,
	       tally->unexpected, share(tally->insns, count, 50), share(tally->insns, count, 95),
	       share(tally->insns, count, 100), share(tally->processed, count, 50),
	       share(tally->processed, count, 95), share(tally->processed, count, 100));
	return tally->mismatches || tally->refusals || tally->unexpected ? EXIT_FAILURE
									 : EXIT_SUCCESS;
}

static gboolean run_load(Run *run, const gchar *folder, const gchar *suite, GError **error)
{
	gboolean raw = g_str_equal(suite, "edge") || g_str_equal(suite, "random");
	g_autofree gchar *packets =
		g_build_filename(folder, raw ? "cbpf/raw_packets.pcap" : "packets.pcap", NULL);

	run->packets = corpus_packets(packets, error);
	if (!run->packets)
		return FALSE;
	run->programs = raw ? corpus_suite(folder, suite, run->packets->len, error)
			    : corpus_filters(folder, suite, run->packets->len, error);
	return run->programs != NULL;
}

/* One process per job: each has the kernel run one packet at a time. */
static gboolean run_jobs(const Run *run)
{
	gboolean good = TRUE;

	for (gint job = 0; job < run->jobs; job++) {
		pid_t child = fork();

		if (child < 0)
			return FALSE;
		if (child == 0) {
			run_part(run, job);
			fflush(stderr);
			_exit(0);
		}
	}
	for (gint job = 0; job < run->jobs; job++) {
		int status = 0;

		if (wait(&status) < 0 || status != 0)
			good = FALSE;
	}
	return good;
}

int main(int argc, char **argv)
{
	Run run = { .jobs = (gint)g_get_num_processors(), .step = 1 };
	g_autofree gchar *suite = NULL;
	const GOptionEntry entries[] = {
		{ "suite", 's', 0, G_OPTION_ARG_STRING, &suite, "opt, unopt, edge or random",
		  "NAME" },
		{ "jobs", 'j', 0, G_OPTION_ARG_INT, &run.jobs, "processes", "N" },
		{ "load-only", 'l', 0, G_OPTION_ARG_NONE, &run.load_only, "do not run", NULL },
		{ "interpret", 'i', 0, G_OPTION_ARG_NONE, &run.interpret, "without the kernel",
		  NULL },
		{ "every", 'e', 0, G_OPTION_ARG_INT, &run.step, "only every N-th packet", "N" },
		{ "only", 'o', 0, G_OPTION_ARG_STRING, &run.only, "only this program", "NAME" },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) options = g_option_context_new("- run the filter corpus");
	g_autofree gchar *folder = corpus_folder();
	g_autoptr(GError) error = NULL;
	char why[128];

	g_option_context_add_main_entries(options, entries, NULL);
	if (!g_option_context_parse(options, &argc, &argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return EXIT_FAILURE;
	}
	if (!suite)
		suite = g_strdup("opt");
	if (!folder) {
		printf("SKIP: no corpus: set CORPUS to its folder\n");
		return EXIT_SKIPPED;
	}
	if (!run.interpret && !kernel_usable(why, sizeof(why))) {
		printf("SKIP: %s\n", why);
		return EXIT_SKIPPED;
	}
	if (!run_load(&run, folder, suite, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return EXIT_FAILURE;
	}
	run.jobs = MAX(run.jobs, 1);
	run.step = MAX(run.step, 1);
	run.tally = mmap(NULL, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	if (run.tally == MAP_FAILED || run.programs->len > PROGRAMS_MOST || !run_jobs(&run)) {
		fprintf(stderr, "%s: a process of the run died\n", suite);
		return EXIT_FAILURE;
	}
	return run_report(&run, suite);
}
