/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formats the packet comment: one line that can safely be split at its spaces, whatever paths and
 * names contain.
 */
#include "comment.h"

#include <string.h>

static void bytes_encode(GString *out, const char *bytes, gsize length)
{
	for (gsize i = 0; i < length; i++)
		g_string_append_printf(out, "%%%02X", (guchar)bytes[i]);
}

/* Whether to leave a character unescaped: it is visible, and neither separates words nor begins an
 * escape. Format characters (writing direction, zero width) could make one value look like
 * another. */
static gboolean character_is_plain(gunichar character, char reserved)
{
	return character != '%' && character != (guchar)reserved && !g_unichar_isspace(character) &&
	       g_unichar_isgraph(character);
}

/* Appends value percent-encoded; reserved is another character to encode, or '\0'. */
static void value_encode(GString *out, const char *value, char reserved)
{
	while (*value != '\0') {
		gunichar character = g_utf8_get_char_validated(value, -1);
		gboolean invalid = character == (gunichar)-1 || character == (gunichar)-2;
		gsize length = invalid ? 1 : (gsize)(g_utf8_next_char(value) - value);

		if (!invalid && character_is_plain(character, reserved))
			g_string_append_len(out, value, length);
		else
			bytes_encode(out, value, length);
		value += length;
	}
}

void comment_append(GString *words, const char *key, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	g_string_append_printf(words, " %s=", key);
	value_encode(words, value, '\0');
}

static void number_append(GString *out, const char *key, gint64 value)
{
	if (value >= 0)
		g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, key, value);
}

/* '#' is encoded in the name: the only one in the text stands before the id. */
static void named_append(GString *out, const char *key, const char *name, guint32 id)
{
	if (name == NULL || (*name == '\0' && id == 0))
		return;
	g_string_append_printf(out, " %s=", key);
	value_encode(out, name, '#');
	if (id != 0)
		g_string_append_printf(out, "#%" G_GUINT32_FORMAT, id);
}

char *comment_format(const SourceType *type, const Comment *comment)
{
	GString *out = g_string_new(type->comment_word);

	comment_append(out, "at", type->comment_at ? type->comment_at : comment->at);
	comment_append(out, type->comment_verdict, comment->verdict);
	comment_append(out, "dir", comment->way);
	if (type->comment_address)
		comment_append(out, type->comment_address, comment->address);
	named_append(out, "prog", comment->program, comment->program_id);
	comment_append(out, "if", comment->device);
	comment_append(out, "netns", comment->namespace);
	number_append(out, "queue", comment->queue);
	number_append(out, "cpu", comment->cpu);
	if (comment->duration > 0)
		number_append(out, "ns", comment->duration);
	comment_append(out, "changed", comment->changed);
	comment_append(out, "redirect", comment->redirect);
	if (comment->socket > 0 && comment->socket <= G_MAXINT64)
		number_append(out, "socket", (gint64)comment->socket);
	named_append(out, "process", comment->process, comment->process_id);
	comment_append(out, "part", comment->part);
	if (comment->track != 0)
		g_string_append_printf(out, " track=%08" G_GINT32_MODIFIER "x", comment->track);
	return g_string_free(out, FALSE);
}

static gboolean is_ours(const char *text)
{
	gsize length = strcspn(text, " ");

	for (const SourceType *const *type = source_types; *type; type++)
		if (strlen((*type)->comment_word) == length &&
		    strncmp(text, (*type)->comment_word, length) == 0)
			return TRUE;
	return FALSE;
}

char *comment_add_host(const char *text, const char *host)
{
	GString *out;

	if (!is_ours(text) || strstr(text, " host="))
		return NULL;
	out = g_string_new(text);
	comment_append(out, "host", host);
	return g_string_free(out, FALSE);
}

char *comment_format_word(const char *key, const char *value)
{
	GString *out = g_string_new(NULL);

	comment_append(out, key, value);
	return g_string_free(out, FALSE);
}
