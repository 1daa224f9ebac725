// SPDX-License-Identifier: GPL-2.0-or-later
#include "printed_line.h"

#include <string.h>
#include <time.h>

#include "source_type.h"
#include "terminal.h"

#define NANOSECONDS G_GUINT64_CONSTANT(1000000000)

/* As wide as the longest name of an action. */
#define VERDICT_WIDTH 8

static const struct {
	const char *verdict;
	const char *color; /* SGR parameters (ECMA-48, 8.3.117) */
} colors[] = {
	{ "ABORTED", "1;35" }, { "DROP", "31" },     { "PASS", "32" },
	{ "TX", "36" },	       { "REDIRECT", "33" },
};

void printed_time_append(GString *out, PrintedClock *clock, PrintedTime style, guint64 time)
{
	guint64 since = time;
	time_t seconds = (time_t)(time / NANOSECONDS);
	char text[32] = "";
	struct tm local;

	if (!clock->first)
		clock->first = clock->last = time;
	if (style == PRINTED_TIME_SINCE_LAST)
		since = time - clock->last;
	else if (style == PRINTED_TIME_SINCE_FIRST)
		since = time - clock->first;
	clock->last = time;
	switch (style) {
	case PRINTED_TIME_NONE:
		return;
	case PRINTED_TIME_OF_DAY:
	case PRINTED_TIME_DATE:
		localtime_r(&seconds, &local);
		strftime(text, sizeof(text),
			 style == PRINTED_TIME_DATE ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &local);
		g_string_append_printf(out, "%s.%09" G_GUINT64_FORMAT " ", text,
				       time % NANOSECONDS);
		return;
	default:
		g_string_append_printf(out, "%" G_GUINT64_FORMAT ".%09" G_GUINT64_FORMAT " ",
				       since / NANOSECONDS, since % NANOSECONDS);
	}
}

/* The value of a word such as action=DROP; NULL if it is another one. */
static const char *value_of(const char *word, const char *key)
{
	gsize length = strlen(key);

	return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

/* Words of a comment have an '=' behind letters. */
static gboolean is_word(const char *text)
{
	gsize letters = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	return letters > 0 && text[letters] == '=';
}

/* Sources that share their first word have words of their own for what became of a packet. */
static const char *verdict_of(const char *word)
{
	const char *value = NULL;

	for (const SourceType *const *type = source_types; *type && !value; type++)
		if ((*type)->comment_verdict)
			value = value_of(word, (*type)->comment_verdict);
	return value;
}

/* Where the comment begins a line, its end; *ret_verdict is the verdict in it, or where the packet
 * was seen. NULL if the line begins otherwise. */
static const char *skip_comment(const char *line, char **ret_verdict)
{
	const SourceType *const *type = source_types;
	gsize length = strcspn(line, " ");

	while (*type && ((*type)->comment_word == NULL || strlen((*type)->comment_word) != length ||
			 strncmp((*type)->comment_word, line, length) != 0))
		type++;
	*ret_verdict = NULL;
	if (!*type || line[length] != ' ' || !is_word(line + length + 1))
		return NULL;
	for (line += length + 1; is_word(line); line += strspn(line, " ")) {
		const char *value = verdict_of(line);

		value = value ? value : *ret_verdict ? NULL : value_of(line, "at");
		length = strcspn(line, " ");
		if (value) {
			g_free(*ret_verdict);
			*ret_verdict = g_strndup(value, (gsize)(line + length - value));
		}
		line += length;
	}
	return line;
}

const char *printed_verdict_color(const char *verdict)
{
	for (gsize i = 0; i < G_N_ELEMENTS(colors); i++)
		if (g_str_equal(colors[i].verdict, verdict))
			return colors[i].color;
	return NULL;
}

char *printed_line_dress(const char *line, gboolean color)
{
	g_autofree char *verdict = NULL, *tame_verdict = NULL;
	const char *rest = skip_comment(line, &verdict);
	g_autofree char *tame = terminal_tame(rest ? rest : line);
	const char *sequence;

	if (!rest)
		return g_steal_pointer(&tame);
	tame_verdict = terminal_tame(verdict ? verdict : "-");
	sequence = color ? printed_verdict_color(tame_verdict) : NULL;
	if (!sequence)
		return g_strdup_printf("%-*s %s", VERDICT_WIDTH, tame_verdict, tame);
	return g_strdup_printf("\033[%sm%-*s\033[0m %s", sequence, VERDICT_WIDTH, tame_verdict,
			       tame);
}
