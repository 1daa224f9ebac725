/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The filters of the corpus as C: compiled to BPF by clang, they pass the verifier and give
 * libpcap's verdict on every packet. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "backlog.h"
#include "corpus.h"
#include "kernel.h"

#define EXIT_SKIPPED 77
#define BATCH	     50 /* programs loaded at a time */

static const gchar head[] = "#include <linux/bpf.h>\n#include <linux/types.h>\n"
			    "#include <bpf/bpf_helpers.h>\n"
			    "char terms[] SEC(\"license\") = \"Dual BSD/GPL\";\n";

/* An XDP program for each filter; the function is named after its number. */
static const gchar caller[] =
	"SEC(\"xdp\") int run_%s(struct xdp_md *xdp)\n{\n"
	"\tconst __u8 *data = (const void *)(long)xdp->data;\n"
	"\tconst __u8 *end = (const void *)(long)xdp->data_end;\n\n"
	"\treturn filter_%s(data, end, end - data, xdp->ingress_ifindex, xdp->rx_queue_index);\n"
	"}\n";

typedef struct {
	GPtrArray *programs;
	GPtrArray *packets;
	guint compiled, loaded;
	guint64 runs, wrong;
} Run;

/* See docs/extensions.md about the C form: protochain without ip or ip6 is more work than the
 * verifier takes on. It has one loop after the other: one backward jump for IPv4 and two for
 * IPv6. */
static gboolean program_is_double_loop(const Program *program)
{
	guint loops = 0;

	for (gsize i = 0; i < program->length; i++)
		loops += program->code[i].code == (BPF_JMP | BPF_JA) &&
			 (gint32)program->code[i].k < 0;
	return loops > 2;
}

static gboolean source_append(GString *source, const Program *program)
{
	g_autofree gchar *name = g_strdup_printf("filter_%s", program->name);
	struct cbpf_error error;
	char *text = NULL;

	if (cbpf_compile_c(program->code, program->length, NULL, name, &text, &error)) {
		printf("%s (%s): %s\n", program->name, program->flags, error.text);
		return FALSE;
	}
	g_string_append(source, text);
	g_string_append_printf(source, caller, program->name, program->name);
	free(text);
	return TRUE;
}

static gboolean source_build(const gchar *compiler, const GString *source, const gchar *input,
			     const gchar *output)
{
	const gchar *arguments[] = { compiler, "-target", "bpf",     "-mcpu=v3",   "-O2",
				     "-Wall",  "-Wextra", "-Werror", "-idirafter", MACHINE_INCLUDES,
				     "-c",     input,	  "-o",	     output,	   NULL };
	g_autoptr(GError) error = NULL;
	gint status = 0;

	if (g_file_set_contents(input, source->str, (gssize)source->len, &error) &&
	    g_spawn_sync(NULL, (gchar **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
			 NULL, &status, &error) &&
	    g_spawn_check_wait_status(status, &error))
		return TRUE;
	printf("%s\n", error->message);
	return FALSE;
}

static void program_compare(Run *run, const Program *program, int fd)
{
	for (guint i = 0; i < run->packets->len; i++) {
		const Packet *packet = g_ptr_array_index(run->packets, i);
		guint32 value = 0, wanted = program->verdicts[i >> 3] >> (i & 7) & 1;

		if (packet->length < KERNEL_FRAME_LEAST || packet->length > KERNEL_FRAME_MOST)
			continue;
		run->runs++;
		if (kernel_run(fd, packet->bytes, packet->length, &value) == 0 &&
		    (value != 0) == (wanted != 0))
			continue;
		if (run->wrong++ < 5)
			printf("%s (%s): packet %u: %u instead of %u\n", program->name,
			       program->flags, i, value, wanted);
	}
}

static int print_failure(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vprintf(format, arguments) : 0;
}

static struct bpf_program *find_program(const struct bpf_object *object, const Program *program)
{
	g_autofree gchar *name = g_strdup_printf("run_%s", program->name);

	return bpf_object__find_program_by_name(object, name);
}

/* Loads only some of the programs: a killed run must not leave more to be freed (backlog.h). */
static void batch_compare(Run *run, const gchar *path, guint first, guint end)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *each;

	if (!object)
		g_error("%s is no BPF object", path);
	bpf_object__for_each_program(each, object) bpf_program__set_autoload(each, false);
	for (guint i = first; i < end; i++) {
		each = find_program(object, g_ptr_array_index(run->programs, i));
		if (each)
			bpf_program__set_autoload(each, true);
	}
	if (bpf_object__load(object)) {
		run->wrong++;
		printf("not loaded: %s\n", strerror(errno));
		end = first;
	}
	for (guint i = first; i < end; i++) {
		const Program *program = g_ptr_array_index(run->programs, i);

		each = find_program(object, program);
		if (!each)
			continue;
		run->loaded++;
		/* Linux's extensions have another meaning here than libpcap gives them. */
		if (!strstr(program->flags, "aux"))
			program_compare(run, program, bpf_program__fd(each));
	}
	bpf_object__close(object);
	backlog_add(BATCH);
}

static void run_compare(Run *run, const gchar *path)
{
	libbpf_set_print(print_failure);
	for (guint i = 0; i < run->programs->len; i += BATCH)
		batch_compare(run, path, i, MIN(i + BATCH, run->programs->len));
}

static int run_all(Run *run, const gchar *compiler)
{
	g_autofree gchar *folder = g_dir_make_tmp("cbpf-XXXXXX", NULL);
	g_autofree gchar *input = g_build_filename(folder, "filters.c", NULL);
	g_autofree gchar *output = g_build_filename(folder, "filters.o", NULL);
	g_autoptr(GString) source = g_string_new(head);

	for (guint i = 0; i < run->programs->len; i++) {
		const Program *program = g_ptr_array_index(run->programs, i);

		if (program_is_double_loop(program))
			continue;
		run->compiled++;
		if (!source_append(source, program))
			run->wrong++;
	}
	if (source_build(compiler, source, input, output))
		run_compare(run, output);
	else
		run->wrong++;
	g_unlink(input);
	g_unlink(output);
	g_rmdir(folder);
	printf("%u C functions, %u loaded, %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT
	       " mismatches\n",
	       run->compiled, run->loaded, run->runs, run->wrong);
	return run->wrong || run->loaded != run->compiled || run->runs == 0 ? EXIT_FAILURE
									    : EXIT_SUCCESS;
}

int main(void)
{
	g_autofree gchar *folder = corpus_folder();
	g_autofree gchar *compiler = g_find_program_in_path("clang");
	g_autofree gchar *path = NULL;
	g_autoptr(GError) error = NULL;
	Run run = { 0 };
	char why[128];

	if (!folder || !compiler) {
		printf("SKIP: %s\n", folder ? "no clang" : "no corpus: set CORPUS to its folder");
		return EXIT_SKIPPED;
	}
	if (!kernel_usable(why, sizeof(why))) {
		printf("SKIP: %s\n", why);
		return EXIT_SKIPPED;
	}
	path = g_build_filename(folder, "packets.pcap", NULL);
	run.packets = corpus_packets(path, &error);
	if (run.packets)
		run.programs = corpus_filters(folder, "opt", run.packets->len, &error);
	if (!run.programs) {
		printf("%s\n", error->message);
		return EXIT_FAILURE;
	}
	return run_all(&run, compiler);
}
