// SPDX-License-Identifier: GPL-2.0-or-later
#include "interface.h"

#include <string.h>

#include "point.h"

/* Stands before the hash in a suffix. In an address it is encoded, so it always marks a suffix. */
#define SUFFIX_MARK   '~'
#define HASH_DIGITS   16
#define SUFFIX_LENGTH (1 + HASH_DIGITS)

/* By chance or by intent, a value with a suffix may collide with another one: then the next hash is
 * tried. */
#define HASH_COUNT 4

/* An escape of three characters is never cut in two. */
#define CUT_LENGTH_MIN (INTERFACE_LENGTH_MAX - 2)

/* Wireshark's sentences end at '}', and '%' begins an escape. */
static gboolean is_plain(guchar c)
{
	return c > ' ' && c < 0x7f && !strchr("{}%~", c);
}

static char *encode(const SourceType *type, const char *path)
{
	GString *value = g_string_new(type->scheme);

	g_string_append_c(value, ':');
	for (; *path; path++) {
		if (is_plain(*path))
			g_string_append_c(value, *path);
		else
			g_string_append_printf(value, "%%%02X", (guchar)*path);
	}
	return g_string_free(value, FALSE);
}

/* The byte of an escape, or -1. Only escapes that encode() would write are valid. */
static int decode_escape(const char *at)
{
	int high = g_ascii_xdigit_value(at[1]);
	int low = high < 0 ? -1 : g_ascii_xdigit_value(at[2]);
	int byte = high * 16 + low;

	if (high < 0 || low < 0 || g_ascii_islower(at[1]) || g_ascii_islower(at[2]))
		return -1;
	return byte == 0 || is_plain((guchar)byte) ? -1 : byte;
}

/* Decodes the address that follows the scheme of a value without a suffix; NULL if it is not valid.
 * What a person types unescaped is accepted, too. */
static char *decode(const char *value, gsize length)
{
	g_autoptr(GString) path = g_string_new(NULL);

	for (gsize i = 0; i < length; i++) {
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

/* The name of a preference, as Wireshark's extcap_parser makes it. */
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
		/* Do not cut an escape. */
		if (value[length - i] == '%' && value[length]) {
			length -= i;
			break;
		}
	}
	return g_strdup_printf("%.*s%c%.*s", (int)length, value, SUFFIX_MARK, HASH_DIGITS,
			       g_checksum_get_string(checksum));
}

static char *make_value(const SourceType *type, const char *path, GHashTable *names)
{
	g_autofree char *plain = encode(type, path);
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

static GHashTable *new_names(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

GStrv interface_values(const SourceType *type, const char *const *addresses)
{
	g_autoptr(GHashTable) names = new_names();
	GPtrArray *values = g_ptr_array_new();

	for (; *addresses; addresses++)
		g_ptr_array_add(values, make_value(type, *addresses, names));
	g_ptr_array_add(values, NULL);
	return (GStrv)g_ptr_array_free(values, FALSE);
}

GStrv interface_values_of(const GPtrArray *points)
{
	g_autoptr(GHashTable) names = new_names();
	GPtrArray *values = g_ptr_array_new();

	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		g_ptr_array_add(values, make_value(point->type, point->address, names));
	}
	g_ptr_array_add(values, NULL);
	return (GStrv)g_ptr_array_free(values, FALSE);
}

char *interface_none(void)
{
	return g_strconcat(source_types[0]->scheme, ":", NULL);
}

const SourceType *interface_type(const char *text)
{
	const char *address;

	return source_type_of(text, &address);
}

/* Whether the value is that of the address, with any of the hashes. */
static gboolean is_marked(const char *value, const SourceType *type, const char *address)
{
	g_autofree char *plain = encode(type, address);

	for (guint i = 0; i < HASH_COUNT; i++) {
		g_autofree char *marked = mark(plain, address, i);

		if (strcmp(value, marked) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean interface_is_cut(const char *value)
{
	gsize length = strlen(value);

	return interface_type(value) && length >= CUT_LENGTH_MIN &&
	       length <= INTERFACE_LENGTH_MAX && value[length - SUFFIX_LENGTH] == SUFFIX_MARK;
}

char *interface_address(const char *value, const char *const *addresses)
{
	const char *begin, *suffix;
	const SourceType *type = source_type_of(value, &begin);
	g_autofree char *address = NULL;

	if (!type)
		return NULL;
	suffix = strrchr(begin, SUFFIX_MARK);
	address = decode(begin, suffix ? (gsize)(suffix - begin) : strlen(begin));
	if (address && (!suffix || is_marked(value, type, address)))
		return g_steal_pointer(&address);
	for (; address && suffix && addresses && *addresses; addresses++)
		if (is_marked(value, type, *addresses))
			return g_strdup(*addresses);
	return NULL;
}
