// SPDX-License-Identifier: GPL-2.0-or-later
#include "interface.h"

#include <string.h>

#define PREFIX "xdp:"

/* Before the hash in a suffix; encoded in the path, so that it splits. */
#define SUFFIX_MARK '~'

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

/* As Wireshark's extcap_parser makes a preference's name. */
static char *preference_name(const char *value)
{
	char *name = g_ascii_strdown(value, -1);

	for (char *c = name; *c; c++)
		if (!g_ascii_isalnum(*c))
			*c = '_';
	return name;
}

GStrv interface_values(const char *const *paths)
{
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *values = g_ptr_array_new();

	for (; *paths; paths++) {
		char *value = encode(*paths);

		if (!g_hash_table_add(names, preference_name(value))) {
			char *plain = value;

			value = g_strdup_printf("%s%c%08x", plain, SUFFIX_MARK, g_str_hash(*paths));
			g_hash_table_add(names, preference_name(value));
			g_free(plain);
		}
		g_ptr_array_add(values, value);
	}
	g_ptr_array_add(values, NULL);
	return (GStrv)g_ptr_array_free(values, FALSE);
}

char *interface_path(const char *value)
{
	g_autofree char *encoded = NULL;
	char *mark;

	if (!g_str_has_prefix(value, PREFIX "/"))
		return NULL;
	encoded = g_strdup(value + strlen(PREFIX));
	mark = strrchr(encoded, SUFFIX_MARK);
	if (mark)
		*mark = '\0';
	return g_uri_unescape_string(encoded, NULL);
}
