// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <string.h>

#include "printed_line.h"
#include "terminal.h"

enum { TIME, POINT, INTERFACE, PROGRAM, ACTION, RATE, BYTE_RATE, PACKETS, BYTES, COLUMNS };

static const struct {
	const char *heading;
	gboolean right;
	guint leave; /* those with the lowest number are left out first; 0: never */
} columns[COLUMNS] = {
	[TIME] = { "TIME", FALSE, 0 },		 [POINT] = { "POINT", FALSE, 0 },
	[INTERFACE] = { "INTERFACE", FALSE, 2 }, [PROGRAM] = { "PROGRAM", FALSE, 1 },
	[ACTION] = { "ACTION", FALSE, 0 },	 [RATE] = { "PACKETS/S", TRUE, 0 },
	[BYTE_RATE] = { "BYTES/S", TRUE, 5 },	 [PACKETS] = { "PACKETS", TRUE, 4 },
	[BYTES] = { "BYTES", TRUE, 3 },
};

#define LEAVE_MAX 5

/* The path of a hook is shortened to this before a column is left out. */
#define POINT_MIN 16
#define ELLIPSIS  ".."
#define GAP	  2

typedef struct {
	char *cells[COLUMNS];
	const char *color; /* of the action, or NULL */
	/* to sort by */
	guint number;
	TallyCount fresh, total;
} Row;

static void row_free(gpointer data)
{
	Row *row = data;

	for (guint i = 0; i < COLUMNS; i++)
		g_free(row->cells[i]);
	g_free(row);
}

char *table_number(gdouble number, gboolean human)
{
	static const char units[] = "kMGTPE";
	gsize unit = 0;

	if (!human || number < 9999.5)
		return g_strdup_printf("%.0f", number);
	for (number /= 1000; number >= 999.95 && unit + 1 < strlen(units); number /= 1000)
		unit++;
	return g_strdup_printf("%.1f%c", number, units[unit]);
}

char *table_time(const Tally *tally)
{
	g_autoptr(GDateTime) time =
		g_date_time_new_from_unix_local((gint64)(tally->real_time / 1000000000));

	return time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("?");
}

/* Takes text over. */
static char *tame(char *text)
{
	char *tamed = terminal_tame(*text ? text : "-");

	g_free(text);
	return tamed;
}

static Row *row_new(const Tally *tally, const TableStyle *style, const TallyPoint *counted,
		    guint verdict)
{
	const TallyCount *total = &counted->total.verdicts[verdict];
	const TallyCount *fresh = &counted->fresh.verdicts[verdict];
	gboolean absent = counted->absent >> verdict & 1;
	const char *name = tally_verdict_name(counted, verdict);
	Row *row = g_new0(Row, 1);

	row->cells[TIME] = table_time(tally);
	row->cells[POINT] = tame(point_typed(counted->point));
	row->cells[INTERFACE] = tame(tally_interfaces(counted));
	row->cells[PROGRAM] = tame(tally_programs(counted));
	row->cells[ACTION] = g_strdup(name);
	row->cells[RATE] = absent ? g_strdup("detached")
				  : table_number(tally_rate(tally, fresh->packets), style->human);
	row->cells[BYTE_RATE] =
		absent ? g_strdup("-")
		       : table_number(tally_rate(tally, fresh->bytes), style->human);
	row->cells[PACKETS] = style->human ? table_number((gdouble)total->packets, TRUE)
					   : g_strdup_printf("%" G_GUINT64_FORMAT, total->packets);
	row->cells[BYTES] = style->human ? table_number((gdouble)total->bytes, TRUE)
					 : g_strdup_printf("%" G_GUINT64_FORMAT, total->bytes);
	row->color = style->color ? printed_verdict_color(name) : NULL;
	row->fresh = *fresh;
	row->total = *total;
	return row;
}

static gint compare(guint64 left, guint64 right)
{
	return left < right ? 1 : left > right ? -1 : 0;
}

static gint compare_rows(gconstpointer left, gconstpointer right, gpointer data)
{
	const TableStyle *style = data;
	const Row *a = *(const Row *const *)left, *b = *(const Row *const *)right;
	gint result = 0;

	/* Where nothing comes now, it is what has come. */
	if (style->order == TABLE_BY_PACKETS) {
		result = compare(a->fresh.packets, b->fresh.packets);
		result = result ? result : compare(a->total.packets, b->total.packets);
	} else if (style->order == TABLE_BY_BYTES) {
		result = compare(a->fresh.bytes, b->fresh.bytes);
		result = result ? result : compare(a->total.bytes, b->total.bytes);
	} else if (style->order == TABLE_BY_NAME) {
		result = strcmp(a->cells[POINT], b->cells[POINT]);
	}
	return result ? result : (gint)a->number - (gint)b->number;
}

static GPtrArray *make_rows(const Tally *tally, const TableStyle *style)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);

	for (guint i = 0; i < tally->points->len; i++) {
		const TallyPoint *counted = g_ptr_array_index(tally->points, i);

		for (guint verdict = 0; counted->attached && verdict < XDPSHARK_VERDICT_SLOTS;
		     verdict++) {
			Row *row;

			if (!tally_shows(counted, verdict))
				continue;
			row = row_new(tally, style, counted, verdict);
			row->number = rows->len;
			g_ptr_array_add(rows, row);
		}
	}
	g_ptr_array_sort_with_data(rows, compare_rows, (gpointer)style);
	return rows;
}

static guint sum_widths(const guint widths[static COLUMNS])
{
	guint sum = 0;

	for (guint i = 0; i < COLUMNS; i++)
		if (widths[i] > 0)
			sum += widths[i] + (sum > 0 ? GAP : 0);
	return sum;
}

/* 0: the column is left out. */
static void choose_widths(const GPtrArray *rows, const TableStyle *style,
			  guint ret_widths[static COLUMNS])
{
	for (guint i = 0; i < COLUMNS; i++) {
		ret_widths[i] = i == TIME && !style->time ? 0 : strlen(columns[i].heading);
		for (guint k = 0; k < rows->len && ret_widths[i] > 0; k++) {
			const Row *row = g_ptr_array_index(rows, k);

			ret_widths[i] = MAX(ret_widths[i], terminal_width(row->cells[i]));
		}
	}
	for (guint leave = 1; style->width > 0; leave++) {
		guint sum = sum_widths(ret_widths), point = ret_widths[POINT];
		guint least =
			leave > LEAVE_MAX ? strlen(columns[POINT].heading) : MIN(point, POINT_MIN);
		guint over = sum > style->width ? sum - style->width : 0;

		if (point >= over + least || leave > LEAVE_MAX) {
			ret_widths[POINT] = MAX(point > over ? point - over : 0, least);
			return;
		}
		for (guint i = 0; i < COLUMNS; i++)
			if (columns[i].leave == leave)
				ret_widths[i] = 0;
	}
}

/* What a hook is called stands at the end of its path; so does a program on a device. */
static const char *shorten(const char *text, guint width, const char **ret_ellipsis)
{
	*ret_ellipsis = "";
	if (terminal_width(text) <= width)
		return text;
	*ret_ellipsis = ELLIPSIS;
	while (*text && terminal_width(text) + strlen(ELLIPSIS) > width)
		text = g_utf8_next_char(text);
	return text;
}

static void append_cell(GString *line, const char *cell, guint width, gboolean right,
			const char *color)
{
	const char *ellipsis, *text = shorten(cell, width, &ellipsis);
	guint used = terminal_width(text) + (guint)strlen(ellipsis);
	guint pad = width > used ? width - used : 0;

	if (line->len > 0)
		g_string_append_printf(line, "%*s", GAP, "");
	if (right)
		g_string_append_printf(line, "%*s", (int)pad, "");
	if (color)
		g_string_append_printf(line, "\033[%sm", color);
	g_string_append_printf(line, "%s%s", ellipsis, text);
	if (color)
		g_string_append(line, "\033[0m");
	if (!right)
		g_string_append_printf(line, "%*s", (int)pad, "");
}

static char *format_line(char *const cells[static COLUMNS], const guint widths[static COLUMNS],
			 const char *color)
{
	GString *line = g_string_new(NULL);

	for (guint i = 0; i < COLUMNS; i++)
		if (widths[i] > 0)
			append_cell(line, cells[i], widths[i], columns[i].right,
				    i == ACTION ? color : NULL);
	return g_string_free(line, FALSE);
}

GPtrArray *table_format(const Tally *tally, const TableStyle *style)
{
	g_autoptr(GPtrArray) rows = make_rows(tally, style);
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	guint shown = style->rows > 0 ? MIN(rows->len, style->rows - 1) : rows->len;
	char *headings[COLUMNS];
	guint widths[COLUMNS];

	choose_widths(rows, style, widths);
	for (guint i = 0; i < COLUMNS; i++)
		headings[i] = (char *)columns[i].heading;
	g_ptr_array_add(lines, format_line(headings, widths, NULL));
	for (guint i = 0; i < shown; i++) {
		const Row *row = g_ptr_array_index(rows, i);

		g_ptr_array_add(lines, format_line(row->cells, widths, row->color));
	}
	return lines;
}
