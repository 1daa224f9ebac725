/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark list": what can be captured on this machine, and what cannot, for people
 * and for programs.
 */
#include <stdio.h>
#include <string.h>

#include "broker.h"
#include "command.h"
#include "finding.h"
#include "interface.h"
#include "option.h"
#include "point.h"
#include "point_json.h"
#include "remote_list.h"
#include "terminal.h"
#include "vlan_note.h"

enum {
	COLUMN_POINT,
	COLUMN_DEVICES,
	COLUMN_MODE,
	COLUMN_PROGRAMS,
	COLUMN_TAG,
	COLUMN_LOADED,
	COLUMN_BTF,
	COLUMN_FRAGS,
	COLUMN_HOOK,
	COLUMN_REMARKS,
	COLUMN_COUNT,
};

static const char *const headings[COLUMN_COUNT] = {
	"POINT", "DEVICES", "MODE", "PROGRAMS", "TAG", "LOADED", "BTF", "FRAGS", "HOOK", "REMARKS",
};

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

typedef char *(*FormatProgram)(const PointProgram *program);

static char *format_tag(const PointProgram *program)
{
	return program->tag ? g_strdup_printf("%016" G_GINT64_MODIFIER "x", program->tag) : NULL;
}

static char *format_loaded(const PointProgram *program)
{
	g_autoptr(GDateTime) time =
		program->loaded ? g_date_time_new_from_unix_local(program->loaded) : NULL;

	return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;
}

static char *format_fact(Fact fact)
{
	static const char *const words[] = { "unknown", "no", "yes" };

	return g_strdup(words[fact]);
}

static char *format_btf(const PointProgram *program)
{
	return format_fact(program->btf);
}

static char *format_frags(const PointProgram *program)
{
	return format_fact(program->frags);
}

/* What several programs have in common is written once. */
static char *format_each(const Point *point, FormatProgram format)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < point->programs->len; i++) {
		g_autofree char *text = format(g_ptr_array_index(point->programs, i));

		if (text && !g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL))
			g_ptr_array_add(texts, g_steal_pointer(&text));
	}
	if (texts->len == 0)
		return g_strdup("-");
	g_ptr_array_add(texts, NULL);
	return g_strjoinv(", ", (char **)texts->pdata);
}

static char *format_modes(const Point *point)
{
	g_autoptr(GString) out = g_string_new(NULL);
	guint shown = 0;

	if (point->way)
		return g_strdup(point->way);
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		const char *name = xdp_mode_name(device->mode);

		if (!name || shown & 1U << device->mode)
			continue;
		g_string_append_printf(out, "%s%s", shown ? ", " : "", name);
		shown |= 1U << device->mode;
	}
	return g_strdup(shown ? out->str : "-");
}

static char *format_hook(const Point *point)
{
	if (point->type == &source_hook)
		return g_strdup("itself");
	return g_strdup(point->hook ? point->hook : "-");
}

static void append_slots(GString *out, const Point *point)
{
	g_autoptr(GString) taken = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < point->slots.count; i++) {
		const char *verdict = source_slot_name(point->type, i);

		if (point->slots.programs[i] == 0 || !verdict)
			continue;
		g_string_append_printf(taken, "%s %s %s#%u", count == 0 ? ":" : ",", verdict,
				       point->slots.names[i] ? point->slots.names[i] : "",
				       point->slots.programs[i]);
		count++;
	}
	g_string_append_printf(out, "slots taken: %u of %u%s", count, point->slots.count,
			       taken->str);
}

static char *format_remarks(const Point *point)
{
	const PointProgram *program = point->programs->len > 0 ? point->programs->pdata[0] : NULL;
	GString *out = g_string_new(NULL);

	if (point->slots.count > 0)
		append_slots(out, point);
	if (point->dispatcher)
		g_string_append_printf(out, "; component of %s", point->dispatcher);
	if (program && program->dispatches && point->type != &source_hook)
		g_string_append(out, "; with its tail calls");
	if (point->doubt)
		g_string_append_printf(out, "; perhaps a hook: %s", point->doubt);
	if (point->refusal)
		g_string_append_printf(out, "; cannot be captured: %s", point->refusal);
	else if (point->hook)
		g_string_append(out, "; its hook costs less");
	if (g_str_has_prefix(out->str, "; "))
		g_string_erase(out, 0, 2);
	return g_string_free(out, FALSE);
}

/* A program in a namespace without a name has no address. */
static TableRow *row_new(const Point *point)
{
	TableRow *row = g_new0(TableRow, 1);
	char *const cells[COLUMN_COUNT] = {
		[COLUMN_POINT] = *point->address ? point_typed(point) : g_strdup("-"),
		[COLUMN_DEVICES] = format_devices(point),
		[COLUMN_MODE] = format_modes(point),
		[COLUMN_PROGRAMS] = format_programs(point),
		[COLUMN_TAG] = format_each(point, format_tag),
		[COLUMN_LOADED] = format_each(point, format_loaded),
		[COLUMN_BTF] = format_each(point, format_btf),
		[COLUMN_FRAGS] = point->type == &source_tc ? g_strdup("-")
							   : format_each(point, format_frags),
		[COLUMN_HOOK] = format_hook(point),
		[COLUMN_REMARKS] = format_remarks(point),
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
				       (int)(widths[i] - terminal_width(cells[i]) + 2), "");
	g_string_append(line, cells[COLUMN_COUNT - 1]);
	terminal_print(stdout, "%s\n", g_strchomp(line->str));
}

static void add_rows(GPtrArray *rows, const GPtrArray *points, gboolean hooks)
{
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if ((point->type == &source_hook) == hooks)
			g_ptr_array_add(rows, row_new(point));
	}
}

/* Hooks come last, next to the prompt, since they are what one is looking for. */
static void print_table(const GPtrArray *points, const GPtrArray *nameless)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
	guint widths[COLUMN_COUNT];

	add_rows(rows, nameless, FALSE);
	add_rows(rows, points, FALSE);
	add_rows(rows, points, TRUE);
	if (rows->len == 0)
		return;
	for (guint column = 0; column < COLUMN_COUNT; column++) {
		widths[column] = terminal_width(headings[column]);
		for (guint i = 0; i < rows->len; i++) {
			const TableRow *row = g_ptr_array_index(rows, i);

			widths[column] = MAX(widths[column], terminal_width(row->cells[column]));
		}
	}
	print_row(headings, widths);
	for (guint i = 0; i < rows->len; i++) {
		const TableRow *row = g_ptr_array_index(rows, i);

		print_row((const char *const *)row->cells, widths);
	}
}

static gboolean have_hook(const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++)
		if (((const Point *)g_ptr_array_index(points, i))->type == &source_hook)
			return TRUE;
	return FALSE;
}

/* Where programs can be captured without a hook, nobody needs one. */
static gboolean lacks_hooks(const GPtrArray *points)
{
	return !have_hook(points) && !points_any_open(points);
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

static void print_json(const GPtrArray *points, const GPtrArray *nameless)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *text = NULL;

	json_builder_begin_array(builder);
	json_add_points(builder, points);
	for (guint i = 0; nameless && i < nameless->len; i++)
		point_json_add(builder, g_ptr_array_index(nameless, i), NULL);
	json_builder_end_array(builder);
	text = json_format(builder, TRUE);
	puts(text);
}

/* On standard error: programs may read the list. One for each device. */
static void print_vlan_notes(const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);
		gboolean again = point->hook || point->dispatcher;
		g_autofree char *note = again || !point_is_open(point) ? NULL : vlan_note(point);

		if (note)
			g_printerr("%s\n", note);
	}
}

static void print_points(const GPtrArray *points, GPtrArray *nameless, gboolean json, gboolean all)
{
	if (!all)
		g_ptr_array_set_size(nameless, 0);
	if (json) {
		print_json(points, nameless);
		return;
	}
	print_table(points, nameless);
}

static int fail(const GError *error)
{
	g_printerr("xdpshark: %s\n", error->message);
	return EXIT_STATUS_FAILED;
}

static int list_points(gboolean json, gboolean all)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) nameless = NULL,
			     points = broker_survey(broker, NULL, &nameless, &error);

	if (!points)
		return fail(error);
	print_points(points, nameless, json, all);
	if (!json)
		print_vlan_notes(points);
	if (!json && lacks_hooks(points))
		explain_empty(broker);
	return EXIT_STATUS_OK;
}

/* Those of another host: of the one that is named, or that the transport leads to. */
static int list_remote_points(const char *name, const OptionValues *values, gboolean json,
			      gboolean all)
{
	const RemoteAccess access = option_access(values);
	g_autoptr(GError) error = NULL;
	g_autoptr(RemoteHost) host = name ? remote_host_parse(name, NULL, &error)
					  : remote_host_of_transport(values->transport, &error);
	g_autoptr(GPtrArray) points = NULL, nameless = NULL;

	if (host)
		points = remote_list(host, &access, all, &nameless, &error);
	if (!points)
		return fail(error);
	print_points(points, nameless, json, all);
	if (!json && lacks_hooks(points))
		g_printerr("No hooks on %s: no XDP program that is loaded there has one.\n",
			   host->label);
	return EXIT_STATUS_OK;
}

#define PLACE_WIDTH 20 /* at least */

static void print_places(const GPtrArray *points)
{
	gsize width = PLACE_WIDTH;

	for (guint i = 0; i < points->len; i++) {
		g_autofree char *typed = point_typed(g_ptr_array_index(points, i));

		width = MAX(width, strlen(typed));
	}
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);
		g_autofree char *typed = point_typed(point), *display = point_display(point);

		terminal_print(stdout, "%-*s  %s\n", (int)width, typed, display);
	}
}

/* Those that are there on every machine, or those that a pattern matches. */
static int list_places(const char *pattern, gboolean json)
{
	g_autoptr(Broker) broker = broker_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) points =
		pattern ? broker_find_points(broker, &source_kernel, pattern, &error)
			: broker_list_points(broker, &source_kernel, &error);

	if (!points)
		return fail(error);
	if (json)
		print_json(points, NULL);
	else if (points->len == 0 && pattern)
		g_printerr("None: the kernel has no function or tracepoint of that name that "
			   "takes a packet.\n");
	else if (points->len == 0)
		g_printerr("None: the kernel does not describe its types (BTF).\n");
	if (!json)
		print_places(points);
	return EXIT_STATUS_OK;
}

int list_command(int argc, char **argv)
{
	gboolean json = FALSE, all = FALSE, kernel = FALSE;
	g_auto(GStrv) operands = NULL;
	g_auto(OptionValues) values;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json,
		  "Print a JSON array with an object for each", NULL },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &all,
		  "Also show programs in network namespaces without a name, as those of containers",
		  NULL },
		{ "kernel", 0, 0, G_OPTION_ARG_NONE, &kernel,
		  "List the kernel's own points instead, which need no XDP program; with a "
		  "PATTERN (ip_*) its functions and tracepoints",
		  NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &operands, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	static const char summary[] =
		"Lists the XDP hooks and programs of this machine, or of ssh://HOST: the devices "
		"and\nprograms that lead to each hook, and whose programs are in its slots; the "
		"programs\non devices, their components, and why one cannot be captured.";

	option_defaults(&values);
	if (!command_parse_group(argc, argv, "[ssh://HOST|PATTERN]", entries,
				 option_remote_group(&values), summary))
		return EXIT_STATUS_USAGE;
	if (kernel && operands && !operands[1] && !remote_host_is_named(operands[0]))
		return list_places(operands[0], json);
	if (operands && (operands[1] || !remote_host_is_named(operands[0]))) {
		g_printerr("xdpshark: list takes one host at most, as ssh://HOST, but \"%s\" was "
			   "given (see xdpshark list --help)\n",
			   operands[1] ? operands[1] : operands[0]);
		return EXIT_STATUS_USAGE;
	}
	if (kernel)
		return list_places(NULL, json);
	return operands || values.transport
		       ? list_remote_points(operands ? operands[0] : NULL, &values, json, all)
		       : list_points(json, all);
}
