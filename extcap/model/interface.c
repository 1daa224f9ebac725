// SPDX-License-Identifier: GPL-2.0-or-later
#include "interface.h"

#include <string.h>

#include "point.h"

#define PREFIX "xdp:"

/* Before the hash in a suffix; encoded in the path, so that it splits. */
#define SUFFIX_MARK   '~'
#define HASH_DIGITS   16
#define SUFFIX_LENGTH (1 + HASH_DIGITS)

/* A suffix may make what another path's value is to Wireshark, by chance or ill will: then the next
 * hash is taken. */
#define HASH_COUNT 4

/* An escape is three characters, and is not cut. */
#define CUT_LENGTH_MIN (INTERFACE_LENGTH_MAX - 2)

/* Wireshark's sentences end at '}', and '%' is the mark of what is encoded. */
static gboolean is_plain(guchar c)
{
	return c > ' ' && c < 0x7f && !strchr("{}%~", c);
}

static char *encode(const char *path)
{
	GString *value = g_string_new(PREFIX);

	for (; *path; path++) {
		if (is_plain(*path))
			g_string_append_c(value, *path);
		else
			g_string_append_printf(value, "%%%02X", (guchar)*path);
	}
	return g_string_free(value, FALSE);
}

/* The byte of an escape, or -1: only those are right that encode() writes. */
static int decode_escape(const char *at)
{
	int high = g_ascii_xdigit_value(at[1]);
	int low = high < 0 ? -1 : g_ascii_xdigit_value(at[2]);
	int byte = high * 16 + low;

	if (high < 0 || low < 0 || g_ascii_islower(at[1]) || g_ascii_islower(at[2]))
		return -1;
	return byte == 0 || is_plain((guchar)byte) ? -1 : byte;
}

/* The path of a value without a suffix, or NULL. What a person typed unescaped is as clear. */
static char *decode(const char *value, gsize length)
{
	g_autoptr(GString) path = g_string_new(NULL);

	for (gsize i = strlen(PREFIX); i < length; i++) {
		int byte = (guchar)value[i];

		if (byte == SUFFIX_MARK)
			return NULL;
		if (byte == '%') {
			byte = length - i > 2 ? decode_escape(value + i) : -1;
			i += 2;
		}
		if (byte < 0)
			return NULL;
		g_string_append_c(path, (char)byte);
	}
	return g_strdup(path->str);
}

/* As Wireshark's extcap_parser makes a preference's name. */
static char *preference_name(const char *value)
{
	char *name = g_ascii_strdown(value, -1);

	for (char *c = name; *c; c++)
		if (!g_ascii_isalnum(*c))
			*c = '_';
	return name;
}

/* The value with a suffix, cut as far as it must be. */
static char *mark(const char *value, const char *path, guint number)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize length = MIN(strlen(value), INTERFACE_LENGTH_MAX - SUFFIX_LENGTH);
	guchar salt = (guchar)number;

	g_checksum_update(checksum, &salt, sizeof(salt));
	g_checksum_update(checksum, (const guchar *)path, (gssize)strlen(path));
	for (gsize i = 1; i <= 2; i++) {
		/* Either no escape begins here, or it would be cut. */
		if (value[length - i] == '%' && value[length]) {
			length -= i;
			break;
		}
	}
	return g_strdup_printf("%.*s%c%.*s", (int)length, value, SUFFIX_MARK, HASH_DIGITS,
			       g_checksum_get_string(checksum));
}

static char *make_value(const char *path, GHashTable *names)
{
	g_autofree char *plain = encode(path);
	char *value = NULL;

	if (strlen(plain) <= INTERFACE_LENGTH_MAX &&
	    g_hash_table_add(names, preference_name(plain)))
		return g_steal_pointer(&plain);
	for (guint i = 0; i < HASH_COUNT; i++) {
		g_free(value);
		value = mark(plain, path, i);
		if (g_hash_table_add(names, preference_name(value)))
			break;
	}
	return value;
}

GStrv interface_values(const char *const *paths)
{
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *values = g_ptr_array_new();

	for (; *paths; paths++)
		g_ptr_array_add(values, make_value(*paths, names));
	g_ptr_array_add(values, NULL);
	return (GStrv)g_ptr_array_free(values, FALSE);
}

GStrv interface_values_of(const GPtrArray *points)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();

	for (guint i = 0; i < points->len; i++)
		g_ptr_array_add(paths, ((const Point *)g_ptr_array_index(points, i))->address);
	g_ptr_array_add(paths, NULL);
	return interface_values((const char *const *)paths->pdata);
}

gboolean interface_is_meant(const char *text)
{
	return g_str_has_prefix(text, PREFIX "/");
}

/* Whether the value is the path's, with any hash. */
static gboolean is_marked(const char *value, const char *path)
{
	g_autofree char *plain = encode(path);

	for (guint i = 0; i < HASH_COUNT; i++) {
		g_autofree char *marked = mark(plain, path, i);

		if (strcmp(value, marked) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean interface_is_cut(const char *value)
{
	gsize length = strlen(value);

	return interface_is_meant(value) && length >= CUT_LENGTH_MIN &&
	       length <= INTERFACE_LENGTH_MAX && value[length - SUFFIX_LENGTH] == SUFFIX_MARK;
}

char *interface_path(const char *value, const char *const *paths)
{
	const char *suffix;
	g_autofree char *path = NULL;

	if (!interface_is_meant(value))
		return NULL;
	suffix = strrchr(value, SUFFIX_MARK);
	path = decode(value, suffix ? (gsize)(suffix - value) : strlen(value));
	if (path && (!suffix || is_marked(value, path)))
		return g_steal_pointer(&path);
	for (; path && suffix && paths && *paths; paths++)
		if (is_marked(value, *paths))
			return g_strdup(*paths);
	return NULL;
}
