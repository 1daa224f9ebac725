/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Reads the filter corpus: classic programs, packets, and libpcap's verdicts. */
#include "corpus.h"

#include <string.h>

#define PCAP_MAGIC	   0xa1b2c3d4u
#define PCAP_FILE_HEADER   24
#define PCAP_RECORD_HEADER 16

static void packet_free(gpointer data)
{
	Packet *packet = data;

	g_free(packet->bytes);
	g_free(packet);
}

static void program_free(gpointer data)
{
	Program *program = data;

	g_free(program->name);
	g_free(program->flags);
	g_free(program->code);
	g_free(program->values);
	g_free(program);
}

gchar *corpus_folder(void)
{
	const gchar *chosen = g_getenv("CORPUS");
	g_autofree gchar *beside = g_build_filename(SOURCE_FOLDER, "..", "shared", "corpus", NULL);

	if (chosen)
		return g_strdup(chosen);
	return g_file_test(beside, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&beside) : NULL;
}

GPtrArray *corpus_packets(const gchar *path, GError **error)
{
	g_autoptr(GPtrArray) packets = g_ptr_array_new_with_free_func(packet_free);
	g_autofree gchar *contents = NULL;
	gsize size, at = PCAP_FILE_HEADER;
	guint32 header[4];

	if (!g_file_get_contents(path, &contents, &size, error))
		return NULL;
	memcpy(header, contents, MIN(size, sizeof(header)));
	if (size < PCAP_FILE_HEADER || header[0] != GUINT32_TO_LE(PCAP_MAGIC)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "%s is no little-endian pcap file", path);
		return NULL;
	}
	while (at + PCAP_RECORD_HEADER <= size) {
		Packet *packet = g_new0(Packet, 1);

		memcpy(header, contents + at, sizeof(header));
		at += PCAP_RECORD_HEADER;
		packet->length = (guint32)MIN(GUINT32_FROM_LE(header[2]), size - at);
		packet->bytes = g_malloc(packet->length + 1);
		memcpy(packet->bytes, contents + at, packet->length);
		at += packet->length;
		g_ptr_array_add(packets, packet);
	}
	return g_steal_pointer(&packets);
}

/* "code,jt,jf,k;..." */
static struct sock_filter *parse_code(const gchar *text, gsize *ret_length)
{
	g_auto(GStrv) rows = g_strsplit(text, ";", -1);
	struct sock_filter *code = g_new0(struct sock_filter, g_strv_length(rows) + 1);

	*ret_length = 0;
	for (gchar **row = rows; *row && **row; row++) {
		g_auto(GStrv) fields = g_strsplit(*row, ",", 4);
		struct sock_filter *insn = &code[(*ret_length)++];

		insn->code = (guint16)g_ascii_strtoull(fields[0], NULL, 10);
		insn->jt = (guint8)g_ascii_strtoull(fields[1], NULL, 10);
		insn->jf = (guint8)g_ascii_strtoull(fields[2], NULL, 10);
		insn->k = (guint32)g_ascii_strtoull(fields[3], NULL, 10);
	}
	return code;
}

/* The lines of a table, without its header. */
static gchar **table_read(const gchar *folder, const gchar *name, GError **error)
{
	g_autofree gchar *path = g_build_filename(folder, name, NULL);
	g_autofree gchar *contents = NULL;

	if (!g_file_get_contents(path, &contents, NULL, error))
		return NULL;
	g_strchomp(contents);
	return g_strsplit(contents, "\n", -1);
}

/* The flags of each filter, by number. */
static GHashTable *flags_read(const gchar *folder, GError **error)
{
	g_autoptr(GHashTable) flags =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = table_read(folder, "filters.tsv", error);

	if (!lines)
		return NULL;
	for (gchar **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);

		if (g_strv_length(fields) >= 10)
			g_hash_table_insert(flags, g_strdup(fields[0]), g_strdup(fields[9]));
	}
	return g_steal_pointer(&flags);
}

static guint8 *verdicts_read(const gchar *folder, const gchar *form, GError **error)
{
	g_autofree gchar *name = g_strdup_printf("verdicts_%s.bin.gz", form);
	g_autofree gchar *path = g_build_filename(folder, name, NULL);
	const gchar *arguments[] = { "gzip", "-dc", path, NULL };
	gchar *bytes = NULL;
	gint status = 0;

	if (!g_spawn_sync(NULL, (gchar **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &bytes,
			  NULL, &status, error))
		return NULL;
	if (!g_spawn_check_wait_status(status, error))
		g_clear_pointer(&bytes, g_free);
	return (guint8 *)bytes;
}

GPtrArray *corpus_filters(const gchar *folder, const gchar *form, gsize packets, GError **error)
{
	g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(program_free);
	g_autofree gchar *name = g_strdup_printf("cbpf/filters_%s.tsv", form);
	g_auto(GStrv) lines = table_read(folder, name, error);
	g_autoptr(GHashTable) flags = lines ? flags_read(folder, error) : NULL;
	const guint8 *verdicts = flags ? verdicts_read(folder, form, error) : NULL;
	gsize row = 0;

	if (!verdicts)
		return NULL;
	for (gchar **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);
		Program *program;

		if (**line == '#' || g_strv_length(fields) < 3)
			continue;
		program = g_new0(Program, 1);
		program->name = g_strdup(fields[0]);
		program->flags = g_strdup(g_hash_table_lookup(flags, fields[0]));
		program->code = parse_code(fields[2], &program->length);
		program->valid = TRUE;
		/* The rows are never freed. */
		program->verdicts = verdicts + row++ * ((packets + 7) / 8);
		g_ptr_array_add(programs, program);
	}
	return g_steal_pointer(&programs);
}

/* "v*n,v,...": n times v. */
static guint32 *parse_values(const gchar *text, gsize packets)
{
	g_auto(GStrv) fields = g_strsplit(text, ",", -1);
	guint32 *values = g_new0(guint32, packets);
	gsize count = 0;

	for (gchar **field = fields; *field; field++) {
		gchar *end;
		guint32 value = (guint32)g_ascii_strtoull(*field, &end, 10);
		guint64 times = *end == '*' ? g_ascii_strtoull(end + 1, NULL, 10) : 1;

		while (times-- > 0 && count < packets)
			values[count++] = value;
	}
	return values;
}

GPtrArray *corpus_suite(const gchar *folder, const gchar *suite, gsize packets, GError **error)
{
	g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(program_free);
	g_autofree gchar *name = g_strdup_printf("cbpf/%s.tsv", suite);
	g_auto(GStrv) lines = table_read(folder, name, error);

	if (!lines)
		return NULL;
	for (gchar **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);
		Program *program;

		if (**line == '#' || g_strv_length(fields) < 10)
			continue;
		program = g_new0(Program, 1);
		program->name = g_strdup(fields[0]);
		program->flags = g_strdup_printf("%s,%s", fields[1], fields[5]);
		program->code = parse_code(fields[9], &program->length);
		program->valid = g_str_equal(fields[3], "ok");
		if (program->valid)
			program->values = parse_values(fields[6], packets);
		g_ptr_array_add(programs, program);
	}
	return g_steal_pointer(&programs);
}
