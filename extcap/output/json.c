// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.h"

#include "terminal.h"

void json_add_string(JsonBuilder *builder, const char *name, const char *value)
{
	g_autofree char *valid = value ? g_utf8_make_valid(value, -1) : NULL;

	json_builder_set_member_name(builder, name);
	if (valid)
		json_builder_add_string_value(builder, valid);
	else
		json_builder_add_null_value(builder);
}

void json_add_number(JsonBuilder *builder, const char *name, guint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, (gint64)value);
}

void json_add_boolean(JsonBuilder *builder, const char *name, gboolean value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_boolean_value(builder, value);
}

static void append_escape(GString *out, gunichar character)
{
	if (character < 0x10000) {
		g_string_append_printf(out, "\\u%04x", character);
		return;
	}
	character -= 0x10000;
	g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + (character >> 10),
			       0xdc00 + (character & 0x3ff));
}

char *json_format(JsonBuilder *builder, gboolean pretty)
{
	g_autoptr(JsonNode) root = json_builder_get_root(builder);
	g_autofree char *text = json_to_string(root, pretty);
	GString *out = g_string_new(NULL);

	/* Outside of strings, only newlines are not printable. Within strings, json-glib has
	 * escaped ASCII's control characters. */
	for (const char *c = text; *c; c = g_utf8_next_char(c)) {
		gunichar character = g_utf8_get_char(c);

		if (character == '\n' || terminal_shows(character))
			g_string_append_unichar(out, character);
		else
			append_escape(out, character);
	}
	return g_string_free(out, FALSE);
}

#define LEVELS_MAX 16

gboolean json_is_flat(const char *text)
{
	gboolean quoted = FALSE;
	guint level = 0;

	for (; *text; text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (quoted && *text == '\\' && text[1])
			text++;
		else if (!quoted && (*text == '[' || *text == '{') && ++level > LEVELS_MAX)
			return FALSE;
		else if (!quoted && (*text == ']' || *text == '}') && level > 0)
			level--;
	}
	return TRUE;
}
