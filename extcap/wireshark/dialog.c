// SPDX-License-Identifier: GPL-2.0-or-later
#include "dialog.h"

#include <stdio.h>
#include <string.h>

#include "option.h"
#include "option_row.h"

static const char *sentence_type(Type type)
{
	static const char *const types[] = {
		[TYPE_INTEGER] = "integer",	 [TYPE_FRACTION] = "integer",
		[TYPE_SIZE] = "integer",	 [TYPE_DOUBLE] = "double",
		[TYPE_CHOICE] = "selector",	 [TYPE_VERDICTS] = "multicheck",
		[TYPE_SAVE_FILE] = "fileselect", [TYPE_STRING] = "string",
		[TYPE_MARK] = "string",		 [TYPE_FLAG] = "boolflag",
	};

	return types[type];
}

static gboolean is_number(const OptionRow *row)
{
	return row->type == TYPE_INTEGER || row->type == TYPE_FRACTION || row->type == TYPE_DOUBLE;
}

/* Without a range, the dialog accepts negative numbers and saves them. Its integers have 32
 * bits. */
static gint64 dialog_maximum(const OptionRow *row)
{
	return row->type == TYPE_DOUBLE ? (gint64)OPTION_DURATION_MAX
					: MIN(row->maximum, G_MAXINT32);
}

/* The tab of the dialog: what is captured, how much of it, and what is written besides. */
static const char *tab_of(const OptionRow *row)
{
	static const char *const load[] = { "buffer", "sample", "rate", NULL };
	static const char *const file[] = { "verdict", "comments", "log-file", "log-level", NULL };

	if (g_strv_contains(load, row->name))
		return "Load";
	return g_strv_contains(file, row->name) ? "File and log" : "Packets";
}

static void print_argument(guint number, const OptionRow *row)
{
	printf("arg {number=%u}{call=--%s}{display=%s}{tooltip=%s}{type=%s}", number, row->name,
	       row->display, row->help, sentence_type(row->type));
	if (is_number(row))
		printf("{range=%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "}{default=%" G_GINT64_FORMAT
		       "}",
		       row->minimum, dialog_maximum(row), row->initial);
	if (row->type == TYPE_SAVE_FILE)
		printf("{mustexist=false}");
	printf("{group=%s}\n", tab_of(row));
}

static void print_choices(guint number, const OptionRow *row)
{
	for (const OptionChoice *choice = row->choices; choice && choice->name; choice++)
		printf("value {arg=%u}{value=%s}{display=%s}{default=%s}\n", number, choice->name,
		       choice->display, choice->value == row->initial ? "true" : "false");
}

static void print_verdicts(guint number, const SourceType *type)
{
	for (guint i = 0; i < type->verdict_count; i++) {
		const SourceVerdict *verdict = &type->verdicts[i];
		g_autofree char *value = g_ascii_strdown(verdict->name, -1);

		printf("value {arg=%u}{value=%s}{display=%s: %s}{default=true}\n", number, value,
		       verdict->name, verdict->meaning);
	}
}

/* Numbers count what is printed for the type. */
void dialog_print(const SourceType *type, guint options, guint first, const char *reload)
{
	guint number = first;

	for (guint i = 0; i < OPTION_ROWS; i++) {
		if (!option_rows[i].extcap || option_rows[i].group & ~options)
			continue;
		if (!reload)
			print_argument(number, &option_rows[i]);
		if (reload && strcmp(reload, option_rows[i].name) != 0)
			;
		else if (option_rows[i].type == TYPE_VERDICTS)
			print_verdicts(number, type);
		else
			print_choices(number, &option_rows[i]);
		number++;
	}
}
