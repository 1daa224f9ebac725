/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs our own corpus (small/): filters as people type them and programs that nobody types, on
 * frames of all kinds, whole and cut, against libpcap. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generator.h"
#include "kernel.h"
#include "machine.h"
#include "reference.h"

#define EXIT_SKIPPED 77
#define LOG_BYTES    65536
#define WRONG_MOST   5
/* Maximum number of instructions emitted for programs.txt and the generator: there are more if a
 * pass stops working. Lower it when a pass gets better. */
#define EMITTED_MOST 11986
#define RANDOM	     400 /* number of programs from the generator */
#define BUFFER_MOST  60
#define INSNS_MOST   256

typedef struct {
	guint8 *bytes;
	guint32 length, whole; /* when cut, and before */
} Frame;

typedef struct {
	GArray *frames; /* of Frame */
	gboolean kernel;
	guint programs, refused;
	guint64 runs, matched, wrong, emitted;
} Small;

static gchar **lines_read(const gchar *name)
{
	g_autofree gchar *path =
		g_build_filename(SOURCE_FOLDER, "tests", "core", "small", name, NULL);
	g_autofree gchar *contents = NULL;
	g_autoptr(GError) error = NULL;

	if (!g_file_get_contents(path, &contents, NULL, &error))
		g_error("%s", error->message);
	g_strchomp(contents);
	return g_strsplit(contents, "\n", -1);
}

static guint8 *bytes_read(const gchar *hex, guint32 *ret_length)
{
	guint32 length = (guint32)(strlen(hex) / 2);
	guint8 *bytes = g_malloc(length);

	for (guint32 i = 0; i < length; i++)
		bytes[i] = (guint8)(g_ascii_xdigit_value(hex[2 * i]) * 16 +
				    g_ascii_xdigit_value(hex[2 * i + 1]));
	*ret_length = length;
	return bytes;
}

/* At the ends of headers and one byte to either side; every eighth frame at all lengths. */
static gboolean cut_wanted(gsize frame, guint32 length)
{
	static const guint32 ends[] = { 13, 14, 15, 16, 18, 20, 24, 30, 33, 34, 35,
					36, 38, 42, 47, 48, 49, 54, 55, 58, 74, 80 };

	for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
		if (ends[i] == length)
			return TRUE;
	return frame % 8 == 0 && length > 0;
}

static void frames_read(Small *small)
{
	g_auto(GStrv) lines = lines_read("packets.txt");

	for (gsize i = 0; lines[i]; i++) {
		const gchar *hex = strrchr(lines[i], '\t');
		Frame frame;

		if (*lines[i] == '#' || !hex)
			continue;
		frame.bytes = bytes_read(hex + 1, &frame.whole);
		for (frame.length = 1; frame.length <= frame.whole; frame.length++) {
			if (frame.length == frame.whole || cut_wanted(i, frame.length))
				g_array_append_val(small->frames, frame);
		}
	}
}

static void check(Small *small, const gchar *name, const Frame *frame, guint32 captured,
		  guint64 value, guint32 wanted)
{
	small->runs++;
	small->matched += wanted != 0;
	if (value != wanted && small->wrong++ < WRONG_MOST)
		printf("%s: frame of %u bytes, %u of them there: %" G_GUINT64_FORMAT
		       " instead of %u\n",
		       name, frame->length, captured, value, wanted);
}

/* A classic program, and its expected results. */
typedef struct {
	const gchar *name;
	const struct sock_filter *code;
	gsize length;
	const guint32 *value; /* expected for each frame; NULL: libpcap's */
	guint32 buffer_size;
	struct cbpf_program *packet, *buffer;
} Case;

static guint32 case_wanted(const Case *one, const Frame *frame, guint32 captured)
{
	if (one->value)
		return *one->value;
	return reference_run(one->code, frame->bytes, frame->length, captured);
}

/* Runs it in the interpreter, which sees each access. */
static void case_interpret(Small *small, const Case *one)
{
	guint32 reach = cbpf_program_reach(one->packet);

	for (guint i = 0; i < small->frames->len; i++) {
		const Frame *frame = &g_array_index(small->frames, Frame, i);
		guint32 captured = MIN(frame->length, one->buffer_size);
		guint32 wanted = case_wanted(one, frame, frame->length);

		check(small, one->name, frame, frame->length,
		      machine_run(one->packet, frame->bytes, frame->length).value, wanted);
		if (frame->length < frame->whole && i % 8)
			continue;
		/* Bytes beyond the reach do not matter. */
		check(small, one->name, frame, reach,
		      machine_run_length(one->packet, frame->bytes, MIN(frame->length, reach),
					 frame->length)
			      .value,
		      wanted);
		check(small, one->name, frame, captured,
		      machine_run_buffer(one->buffer, frame->bytes, captured, one->buffer_size,
					 frame->length)
			      .value,
		      case_wanted(one, frame, captured));
	}
}

static int loaded(Small *small, const Case *one, int fd, const char *log)
{
	if (fd < 0 && small->wrong++ < WRONG_MOST)
		printf("%s: the kernel does not load it: %s: %s\n", one->name, strerror(-fd), log);
	return fd;
}

/* Runs it in the kernel, mainly to see whether the verifier accepts it; only on frames that a test
 * run takes whole. */
static void case_load(Small *small, const Case *one)
{
	static char log[LOG_BYTES];
	int map = kernel_map(one->buffer_size);
	int buffer =
		loaded(small, one,
		       kernel_load_buffer(one->buffer, map, one->buffer_size, log, LOG_BYTES), log);
	int packet = loaded(small, one, kernel_load(one->packet, log, LOG_BYTES), log);

	for (guint i = 0; i < small->frames->len && packet >= 0; i++) {
		const Frame *frame = &g_array_index(small->frames, Frame, i);
		guint32 value = 0;

		if (frame->length < KERNEL_FRAME_LEAST || frame->length < frame->whole)
			continue;
		if (kernel_run(packet, frame->bytes, frame->length, &value))
			g_error("%s: no test run", one->name);
		check(small, one->name, frame, frame->length, value,
		      case_wanted(one, frame, frame->length));
	}
	if (buffer >= 0)
		kernel_unload(buffer);
	if (packet >= 0)
		kernel_unload(packet);
	close(map);
}

static void program_run(Small *small, const gchar *name, const struct sock_filter *code,
			gsize length, const guint32 *value)
{
	Case one = { .name = name,
		     .code = code,
		     .length = length,
		     .value = value,
		     .buffer_size = 1 + (guint32)length * 7 % BUFFER_MOST };
	struct cbpf_options options = { .size = sizeof(options),
					.access = CBPF_ACCESS_BUFFER,
					.buffer_size = one.buffer_size };
	size_t count;

	one.packet = machine_compile(code, length, NULL);
	one.buffer = machine_compile(code, length, &options);
	(void)cbpf_program_insns(one.packet, &count);
	small->emitted += count;
	small->programs++;
	if (small->kernel)
		case_load(small, &one);
	else
		case_interpret(small, &one);
	cbpf_program_free(one.packet);
	cbpf_program_free(one.buffer);
}

static void filters_run(Small *small)
{
	g_auto(GStrv) lines = lines_read("filters.txt");

	for (gsize i = 0; lines[i]; i++) {
		for (int optimize = 0; optimize < 2 && *lines[i] != '#'; optimize++) {
			struct sock_filter *code = NULL;
			char why[256] = "";
			gsize length = reference_compile(lines[i], optimize, &code, why);

			if (length > 0)
				program_run(small, lines[i], code, length, NULL);
			else
				small->refused++;
			free(code);
		}
	}
}

/* "code,jt,jf,k;..." */
static gsize code_read(const gchar *text, struct sock_filter code[INSNS_MOST])
{
	g_auto(GStrv) rows = g_strsplit(text, ";", -1);
	gsize length = 0;

	for (; rows[length]; length++) {
		unsigned int fields[4] = { 0 };

		g_assert_cmpuint(length, <, INSNS_MOST);
		if (sscanf(rows[length], "%u,%u,%u,%u", &fields[0], &fields[1], &fields[2],
			   &fields[3]) != 4)
			g_error("no instruction: %s", rows[length]);
		code[length] = (struct sock_filter){ (guint16)fields[0], (guint8)fields[1],
						     (guint8)fields[2], fields[3] };
	}
	return length;
}

static void programs_run(Small *small)
{
	g_auto(GStrv) lines = lines_read("programs.txt");

	for (gsize i = 0; lines[i]; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 3);
		struct sock_filter code[INSNS_MOST];
		guint32 wanted;

		if (*lines[i] == '#' || g_strv_length(fields) != 3)
			continue;
		wanted = (guint32)g_ascii_strtoull(fields[1], NULL, 10);
		program_run(small, fields[0], code, code_read(fields[2], code),
			    g_str_equal(fields[1], "-") ? NULL : &wanted);
	}
}

static void random_run(Small *small)
{
	for (guint seed = 1; seed <= RANDOM; seed++) {
		g_autofree gchar *name = g_strdup_printf("seed %u", seed);
		struct sock_filter code[GENERATOR_INSNS];
		struct generator generator;

		generator_seed(&generator, seed);
		program_run(small, name, code, generator_program(&generator, code), NULL);
	}
}

int main(int argc, char **argv)
{
	Small small = { .frames = g_array_new(FALSE, FALSE, sizeof(Frame)) };
	const GOptionEntry entries[] = {
		{ "kernel", 'k', 0, G_OPTION_ARG_NONE, &small.kernel, "load and run in the kernel",
		  NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- run the corpus of our own");
	g_autoptr(GError) error = NULL;
	char why[128];

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		g_error("%s", error->message);
	if (small.kernel && !kernel_usable(why, sizeof(why))) {
		printf("SKIP: %s\n", why);
		return EXIT_SKIPPED;
	}
	frames_read(&small);
	filters_run(&small);
	small.emitted = 0;
	programs_run(&small);
	random_run(&small);
	printf("%u programs (%u filters are not in this libpcap), %u frames, %" G_GUINT64_FORMAT
	       " runs, %" G_GUINT64_FORMAT " match, %" G_GUINT64_FORMAT " wrong; %" G_GUINT64_FORMAT
	       " instructions of what libpcap did not make\n",
	       small.programs, small.refused, small.frames->len, small.runs, small.matched,
	       small.wrong, small.emitted);
	/* Some keywords are newer than libpcap here; most are not. */
	if (small.emitted > EMITTED_MOST)
		printf("more than %u instructions\n", EMITTED_MOST);
	return small.wrong || small.refused > 20 || small.emitted > EMITTED_MOST ? EXIT_FAILURE
										 : EXIT_SUCCESS;
}
