/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Filters as C: one file of many functions builds without warnings and gives libpcap's results.
 * Compiled to BPF by clang, it passes the verifier. */
#include <dlfcn.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "generator.h"
#include "reference.h"

#define EXIT_SKIPPED 77
#define PROGRAMS     400
#define PACKETS	     50
#define BUFFER	     128

typedef guint32 (*PacketFunction)(const guint8 *data, const guint8 *end, guint32 length,
				  guint32 ifindex, guint32 queue);
typedef guint32 (*BufferFunction)(const guint8 *data, guint64 captured, guint32 length,
				  guint32 ifindex, guint32 queue);

static gboolean seed_is_buffer(guint64 seed)
{
	return seed % 4 == 3;
}

static gsize seed_program(guint64 seed, struct generator *generator,
			  struct sock_filter code[GENERATOR_INSNS])
{
	generator_seed(generator, seed);
	return generator_program(generator, code);
}

static void source_append(GString *source, guint64 seed)
{
	struct cbpf_options options = { .size = sizeof(options), .buffer_size = BUFFER };
	struct sock_filter code[GENERATOR_INSNS];
	g_autofree gchar *name = g_strdup_printf("filter_%" G_GUINT64_FORMAT, seed);
	struct generator generator;
	struct cbpf_error error;
	char *text = NULL;
	gsize length = seed_program(seed, &generator, code);
	gboolean buffer = seed_is_buffer(seed);

	options.access = buffer ? CBPF_ACCESS_BUFFER : CBPF_ACCESS_PACKET;
	if (cbpf_compile_c(code, length, &options, name, &text, &error))
		g_error("seed %" G_GUINT64_FORMAT ": %s", seed, error.text);
	g_string_append(source, text);
	g_string_append_printf(source,
			       "__u32 run_%" G_GUINT64_FORMAT "(const __u8 *data, %s second, __u32 "
			       "length, __u32 ifindex, __u32 queue);\n"
			       "__u32 run_%" G_GUINT64_FORMAT "(const __u8 *data, %s second, __u32 "
			       "length, __u32 ifindex, __u32 queue)\n{\n"
			       "\treturn %s(data, second, length, ifindex, queue);\n}\n",
			       seed, buffer ? "__u64" : "const __u8 *", seed,
			       buffer ? "__u64" : "const __u8 *", name);
	free(text);
}

static gboolean source_build(const gchar *folder, const gchar *compiler)
{
	g_autofree gchar *input = g_build_filename(folder, "filters.c", NULL);
	g_autofree gchar *output = g_build_filename(folder, "filters.so", NULL);
	g_autoptr(GString) source = g_string_new("#include <linux/types.h>\n");
	const gchar *arguments[] = { compiler,	   "--sysroot=" SYSTEM_ROOT "/",
				     "-std=gnu11", "-O1",
				     "-Wall",	   "-Wextra",
				     "-Werror",	   "-shared",
				     "-fPIC",	   "-o",
				     output,	   input,
				     NULL };
	g_autoptr(GError) error = NULL;
	gint status = 0;

	for (guint64 seed = 0; seed < PROGRAMS; seed++)
		source_append(source, seed);
	if (!g_file_set_contents(input, source->str, (gssize)source->len, &error) ||
	    !g_spawn_sync(NULL, (gchar **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
			  NULL, &status, &error) ||
	    !g_spawn_check_wait_status(status, &error)) {
		printf("%s\n", error->message);
		return FALSE;
	}
	return TRUE;
}

static guint seed_compare(void *library, guint64 seed)
{
	g_autofree gchar *name = g_strdup_printf("run_%" G_GUINT64_FORMAT, seed);
	struct sock_filter code[GENERATOR_INSNS];
	struct generator generator;
	void *function = dlsym(library, name);
	guint wrong = 0;

	(void)seed_program(seed, &generator, code);
	for (int i = 0; i < PACKETS; i++) {
		guint8 bytes[GENERATOR_BYTES] = { 0 };
		guint32 length = generator_packet(&generator, bytes);
		guint32 captured = length, ours;

		if (seed_is_buffer(seed)) {
			captured = MIN(length, BUFFER);
			ours = ((BufferFunction)function)(bytes, captured, length, 0, 0);
		} else {
			ours = ((PacketFunction)function)(bytes, bytes + length, length, 0, 0);
		}
		if (ours == reference_run(code, bytes, length, captured))
			continue;
		printf("seed %" G_GUINT64_FORMAT ", packet %d: %u\n", seed, i, ours);
		wrong++;
	}
	return wrong;
}

int main(void)
{
	g_autofree gchar *folder = g_dir_make_tmp("cbpf-XXXXXX", NULL);
	g_autofree gchar *compiler = g_find_program_in_path(COMPILER);
	g_autofree gchar *input = g_build_filename(folder, "filters.c", NULL);
	g_autofree gchar *output = g_build_filename(folder, "filters.so", NULL);
	void *library = NULL;
	guint wrong = 0;

	if (!compiler) {
		printf("SKIP: no C compiler\n");
		return EXIT_SKIPPED;
	}
	if (source_build(folder, compiler))
		library = dlopen(output, RTLD_NOW);
	for (guint64 seed = 0; library && seed < PROGRAMS; seed++)
		wrong += seed_compare(library, seed);
	if (library)
		dlclose(library);
	if (library && wrong == 0) {
		g_unlink(input);
		g_unlink(output);
		g_rmdir(folder);
	}
	printf("%d functions, %d packets each, %u differences%s%s\n", PROGRAMS, PACKETS, wrong,
	       library && !wrong ? "" : ", see ", library && !wrong ? "" : folder);
	return library && wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
