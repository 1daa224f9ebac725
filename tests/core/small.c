/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs the corpus of our own (small/): filters as people type them and programs that nobody types,
 * on frames of all kinds, whole and cut, against libpcap. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator.h"
#include "machine.h"
#include "reference.h"

#define WRONG_MOST  5
#define RANDOM	    400 /* programs of the generator's, besides */
#define BUFFER_MOST 60
#define INSNS_MOST  256

typedef struct {
	guint8 *bytes;
	guint32 length, whole; /* as it is cut, and before */
} Frame;

typedef struct {
	GArray *frames; /* of Frame */
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

/* At the ends of headers and one byte either side; every eighth frame at all lengths. */
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

static void report(Small *small, const gchar *name, const Frame *frame, guint32 captured,
		   guint64 value, guint32 wanted)
{
	if (small->wrong++ < WRONG_MOST)
		printf("%s: frame of %u bytes, %u of them there: %" G_GUINT64_FORMAT
		       " instead of %u\n",
		       name, frame->length, captured, value, wanted);
}

/* wanted: for each frame, NULL for libpcap's. */
static void program_run(Small *small, const gchar *name, const struct sock_filter *code,
			gsize length, const guint32 *wanted)
{
	struct cbpf_options options = { .size = sizeof(options),
					.access = CBPF_ACCESS_BUFFER,
					.buffer_size = 1 + (guint32)length * 7 % BUFFER_MOST };
	struct cbpf_program *packet = machine_compile(code, length, NULL);
	struct cbpf_program *buffer = machine_compile(code, length, &options);
	guint32 reach = cbpf_program_reach(packet);
	size_t count;

	(void)cbpf_program_insns(packet, &count);
	small->emitted += count;
	small->programs++;
	for (guint i = 0; i < small->frames->len; i++) {
		const Frame *frame = &g_array_index(small->frames, Frame, i);
		guint32 captured = MIN(frame->length, options.buffer_size);
		guint32 whole =
			wanted ? *wanted
			       : reference_run(code, frame->bytes, frame->length, frame->length);
		guint64 value = machine_run(packet, frame->bytes, frame->length).value;

		small->runs++;
		small->matched += whole != 0;
		if (value != whole)
			report(small, name, frame, frame->length, value, whole);
		if (frame->length < frame->whole && i % 8)
			continue;
		whole = wanted ? *wanted
			       : reference_run(code, frame->bytes, frame->length, captured);
		value = machine_run_buffer(buffer, frame->bytes, captured, options.buffer_size,
					   frame->length)
				.value;
		if (value != whole)
			report(small, name, frame, captured, value, whole);
		/* What lies behind the reach does not matter. */
		captured = MIN(frame->length, reach);
		value = machine_run_length(packet, frame->bytes, captured, frame->length).value;
		whole = wanted ? *wanted
			       : reference_run(code, frame->bytes, frame->length, frame->length);
		if (value != whole)
			report(small, name, frame, captured, value, whole);
	}
	cbpf_program_free(packet);
	cbpf_program_free(buffer);
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

int main(void)
{
	Small small = { .frames = g_array_new(FALSE, FALSE, sizeof(Frame)) };

	frames_read(&small);
	filters_run(&small);
	programs_run(&small);
	random_run(&small);
	printf("%u programs (%u filters are not in this libpcap), %u frames, %" G_GUINT64_FORMAT
	       " runs, %" G_GUINT64_FORMAT " matched, %" G_GUINT64_FORMAT
	       " differ; %" G_GUINT64_FORMAT " instructions\n",
	       small.programs, small.refused, small.frames->len, small.runs, small.matched,
	       small.wrong, small.emitted);
	/* Some keywords are newer than others; most are everywhere. */
	return small.wrong || small.refused > 20 ? EXIT_FAILURE : EXIT_SUCCESS;
}
