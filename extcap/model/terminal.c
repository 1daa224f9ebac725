// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.h"

#include <string.h>
#include <unistd.h>

gboolean terminal_shows(gunichar character)
{
	switch (g_unichar_type(character)) {
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return FALSE;
	default:
		return g_unichar_isprint(character);
	}
}

char *terminal_tame(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *out = g_string_sized_new(strlen(valid));

	for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
		gunichar character = g_utf8_get_char(c);

		g_string_append_unichar(out, terminal_shows(character) ? character : '?');
	}
	return g_string_free(out, FALSE);
}

/* The C locale says nothing about the terminal, which most likely uses UTF-8. */
char *terminal_encode(const char *text)
{
	const char *charset;
	char *converted;

	if (g_get_charset(&charset) || strstr(charset, "ASCII") || strstr(charset, "ANSI_X3.4"))
		return g_strdup(text);
	converted = g_convert_with_fallback(text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
	return converted ? converted : g_str_to_ascii(text, NULL);
}

static void print_line(FILE *stream, const char *text)
{
	gboolean ended = g_str_has_suffix(text, "\n");
	g_autofree char *line = g_strndup(text, strlen(text) - (ended ? 1 : 0));
	g_autofree char *tame = terminal_tame(line);
	g_autofree char *local = terminal_encode(tame);

	fprintf(stream, "%s%s", local, ended ? "\n" : "");
}

void terminal_print(FILE *stream, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	print_line(stream, text);
}

guint terminal_width(const char *text)
{
	guint width = 0;

	for (const char *c = text; *c; c = g_utf8_next_char(c)) {
		gunichar character = g_utf8_get_char(c);

		if (!g_unichar_iszerowidth(character))
			width += g_unichar_iswide(character) ? 2 : 1;
	}
	return width;
}

gboolean terminal_wants_color(void)
{
	const char *no_color = g_getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	       g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static void print_error(const char *text)
{
	print_line(stderr, text);
	fflush(stderr);
}

void terminal_tame_errors(void)
{
	g_set_printerr_handler(print_error);
}
