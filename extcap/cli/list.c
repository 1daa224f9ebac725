/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark list": the hooks of this machine, for people and for programs.
 */
#include <stdio.h>

#include "broker.h"
#include "command.h"
#include "finding.h"
#include "interface.h"
#include "point.h"
#include "point_json.h"
#include "terminal.h"
#include "vlan_note.h"

enum { COLUMN_HOOK, COLUMN_DEVICES, COLUMN_PROGRAMS, COLUMN_SLOTS, COLUMN_COUNT };

static const char *const headings[COLUMN_COUNT] = { "HOOK", "DEVICES", "PROGRAMS", "SLOTS TAKEN" };

typedef struct {
	char *cells[COLUMN_COUNT];
} TableRow;

static void row_free(gpointer data)
{
	TableRow *row = data;

	for (guint i = 0; i < COLUMN_COUNT; i++)
		g_free(row->cells[i]);
	g_free(row);
}

/* Columns that the text takes on a terminal. */
static guint text_width(const char *text)
{
	guint width = 0;

	for (const char *c = text; *c; c = g_utf8_next_char(c)) {
		gunichar character = g_utf8_get_char(c);

		if (!g_unichar_iszerowidth(character))
			width += g_unichar_iswide(character) ? 2 : 1;
	}
	return width;
}

static char *format_devices(const Point *point)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < point->devices->len; i++) {
		g_autofree char *device = point_device_format(g_ptr_array_index(point->devices, i));

		g_string_append_printf(out, "%s%s", i == 0 ? "" : ", ", device);
	}
	if (out->len == 0)
		g_string_append(out, point->programs_known ? "-" : "unknown");
	return g_string_free(out, FALSE);
}

static char *format_programs(const Point *point)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < point->programs->len; i++) {
		const PointProgram *program = g_ptr_array_index(point->programs, i);

		g_string_append_printf(out, "%s%s#%u", i == 0 ? "" : ", ", program->name,
				       program->id);
	}
	if (out->len == 0)
		g_string_append(out, point->programs_known ? "-" : "unknown");
	return g_string_free(out, FALSE);
}

static char *format_slots(const Point *point)
{
	g_autoptr(GString) taken = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < point->slots.count; i++) {
		const char *verdict = source_verdict_name(point->type, i);

		if (point->slots.programs[i] == 0 || !verdict)
			continue;
		g_string_append_printf(taken, "%s %s %s#%u", count == 0 ? ":" : ",", verdict,
				       point->slots.names[i] ? point->slots.names[i] : "",
				       point->slots.programs[i]);
		count++;
	}
	return g_strdup_printf("%u of %u%s%s%s", count, point->slots.count, taken->str,
			       point->doubt ? "; perhaps a hook: " : "",
			       point->doubt ? point->doubt : "");
}

/* A program without a hook has no address. */
static TableRow *row_new(const Point *point)
{
	gboolean hookless = *point->address == '\0';
	TableRow *row = g_new0(TableRow, 1);
	char *const cells[COLUMN_COUNT] = {
		[COLUMN_HOOK] = hookless ? g_strdup("no hook") : point_typed(point),
		[COLUMN_DEVICES] = format_devices(point),
		[COLUMN_PROGRAMS] = format_programs(point),
		[COLUMN_SLOTS] = point->slots.count == 0 ? g_strdup("-") : format_slots(point),
	};

	/* Tame them first: the width is that of what is printed. */
	for (guint i = 0; i < COLUMN_COUNT; i++) {
		row->cells[i] = terminal_tame(cells[i]);
		g_free(cells[i]);
	}
	return row;
}

/* The last column is not padded. */
static void print_row(const char *const cells[static COLUMN_COUNT],
		      const guint widths[static COLUMN_COUNT])
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (guint i = 0; i + 1 < COLUMN_COUNT; i++)
		g_string_append_printf(line, "%s%*s", cells[i],
				       (int)(widths[i] - text_width(cells[i]) + 2), "");
	terminal_print(stdout, "%s%s\n", line->str, cells[COLUMN_COUNT - 1]);
}

static void add_rows(GPtrArray *rows, const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++)
		g_ptr_array_add(rows, row_new(g_ptr_array_index(points, i)));
}

/* Hooks come last, next to the prompt, since they are what one is looking for. */
static void print_table(const GPtrArray *points, const GPtrArray *hookless)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
	guint widths[COLUMN_COUNT];

	add_rows(rows, hookless);
	add_rows(rows, points);
	if (rows->len == 0)
		return;
	for (guint column = 0; column < COLUMN_COUNT; column++) {
		widths[column] = text_width(headings[column]);
		for (guint i = 0; i < rows->len; i++) {
			const TableRow *row = g_ptr_array_index(rows, i);

			widths[column] = MAX(widths[column], text_width(row->cells[column]));
		}
	}
	print_row(headings, widths);
	for (guint i = 0; i < rows->len; i++) {
		const TableRow *row = g_ptr_array_index(rows, i);

		print_row((const char *const *)row->cells, widths);
	}
}

/* Whether a point that can be captured is that device's program. */
static gboolean is_listed(const GPtrArray *points, const PointDevice *device)
{
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);
		const PointDevice *other = point_device(point, device->ifindex);

		if (point->type != &source_hook && other && other->namespace == device->namespace)
			return TRUE;
	}
	return FALSE;
}

/* Devices of containers, which may be many, and those whose program has a row of its own. */
static void leave_out_devices(GPtrArray *hookless, const GPtrArray *points, gboolean all)
{
	for (guint i = hookless->len; i > 0; i--) {
		GPtrArray *devices = ((Point *)g_ptr_array_index(hookless, i - 1))->devices;

		for (guint j = devices->len; j > 0; j--) {
			const PointDevice *device = g_ptr_array_index(devices, j - 1);

			if ((!all && !point_device_is_near(device)) || is_listed(points, device))
				g_ptr_array_remove_index(devices, j - 1);
		}
		if (devices->len == 0)
			g_ptr_array_remove_index(hookless, i - 1);
	}
}

static void explain_empty(Broker *broker)
{
	const char *const names[] = { FINDING_BPFFS, NULL };
	g_autoptr(GPtrArray) findings = broker_examine(broker, names, NULL);
	const Finding *bpffs = finding_find(findings, FINDING_BPFFS);

	if (bpffs && bpffs->answer == ANSWER_NO)
		g_printerr("No hooks: no bpffs is mounted (" BPFFS_REMEDY ").\n");
	else
		g_printerr("No hooks: no XDP program that is loaded has a hook pinned in a bpffs "
			   "(README.md tells how to give it one).\n");
}

static void json_add_points(JsonBuilder *builder, const GPtrArray *points)
{
	g_auto(GStrv) interfaces = interface_values_of(points);

	for (guint i = 0; i < points->len; i++)
		point_json_add(builder, g_ptr_array_index(points, i), interfaces[i]);
}

static void print_json(const GPtrArray *points, const GPtrArray *hookless)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *text = NULL;

	json_builder_begin_array(builder);
	json_add_points(builder, points);
	for (guint i = 0; hookless && i < hookless->len; i++)
		point_json_add(builder, g_ptr_array_index(hookless, i), NULL);
	json_builder_end_array(builder);
	text = json_format(builder, TRUE);
	puts(text);
}

/* On standard error: programs may read the list. */
static void print_vlan_notes(const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++) {
		g_autofree char *note = vlan_note(g_ptr_array_index(points, i));

		if (note)
			g_printerr("%s\n", note);
	}
}

static int list_points(gboolean json, gboolean all)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) points = NULL, hookless = NULL;

	/* Looking at every device takes a while if there are many network namespaces. */
	points = json && !all ? broker_list_points(broker, NULL, &error)
			      : broker_survey(broker, NULL, &hookless, &error);
	if (!points) {
		g_printerr("xdpshark: %s\n", error->message);
		return EXIT_STATUS_FAILED;
	}
	if (json) {
		print_json(points, hookless);
		return EXIT_STATUS_OK;
	}
	leave_out_devices(hookless, points, all);
	print_table(points, hookless);
	print_vlan_notes(points);
	if (points->len == 0)
		explain_empty(broker);
	return EXIT_STATUS_OK;
}

int list_command(int argc, char **argv)
{
	gboolean json = FALSE, all = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json,
		  "Print a JSON array with an object for each hook", NULL },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &all,
		  "Show programs without a hook also in JSON (their path is null), and those in "
		  "network namespaces without a name",
		  NULL },
		G_OPTION_ENTRY_NULL,
	};
	static const char summary[] =
		"Lists the XDP hooks of this machine: the devices and programs that lead to each,\n"
		"and whose programs are in its slots; and the programs on devices that have no "
		"hook.";

	if (!command_parse(argc, argv, entries, summary))
		return EXIT_STATUS_USAGE;
	return list_points(json, all);
}
