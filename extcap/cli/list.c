/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "xdpshark list": the hooks of this machine, for people and for programs.
 */
#include <stdio.h>

#include "action.h"
#include "bpffs.h"
#include "broker.h"
#include "command.h"
#include "hook.h"
#include "interface.h"
#include "json.h"
#include "terminal.h"

enum { COLUMN_HOOK, COLUMN_DEVICES, COLUMN_PROGRAMS, COLUMN_SLOTS, COLUMN_COUNT };

static const char *const headings[COLUMN_COUNT] = { "HOOK", "DEVICES", "PROGRAMS", "SLOTS TAKEN" };

typedef struct {
	char *cells[COLUMN_COUNT];
} Row;

static void row_free(gpointer data)
{
	Row *row = data;

	for (guint i = 0; i < COLUMN_COUNT; i++)
		g_free(row->cells[i]);
	g_free(row);
}

/* Columns that it takes on a terminal. */
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

static char *format_devices(const Hook *hook)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < hook->devices->len; i++) {
		g_autofree char *device = hook_device_format(g_ptr_array_index(hook->devices, i));

		g_string_append_printf(out, "%s%s", i == 0 ? "" : ", ", device);
	}
	if (out->len == 0)
		g_string_append(out, hook->programs_known ? "-" : "unknown");
	return g_string_free(out, FALSE);
}

static char *format_programs(const Hook *hook)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < hook->programs->len; i++) {
		const HookProgram *program = g_ptr_array_index(hook->programs, i);

		g_string_append_printf(out, "%s%s#%u", i == 0 ? "" : ", ", program->name,
				       program->id);
	}
	if (out->len == 0)
		g_string_append(out, hook->programs_known ? "-" : "unknown");
	return g_string_free(out, FALSE);
}

static char *format_slots(const Hook *hook)
{
	g_autoptr(GString) taken = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < hook->slot_count; i++) {
		if (hook->slots[i] == 0 || !action_name(i))
			continue;
		g_string_append_printf(taken, "%s %s %s#%u", count == 0 ? ":" : ",", action_name(i),
				       hook->slot_names[i] ? hook->slot_names[i] : "",
				       hook->slots[i]);
		count++;
	}
	return g_strdup_printf("%u of %u%s", count, hook->slot_count, taken->str);
}

static Row *row_new(const Hook *hook)
{
	Row *row = g_new0(Row, 1);
	char *const cells[COLUMN_COUNT] = {
		[COLUMN_HOOK] = g_strdup(hook->path),
		[COLUMN_DEVICES] = format_devices(hook),
		[COLUMN_PROGRAMS] = format_programs(hook),
		[COLUMN_SLOTS] = format_slots(hook),
	};

	/* The width is that of what is printed. */
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

static void print_table(const GPtrArray *hooks)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
	guint widths[COLUMN_COUNT];

	for (guint column = 0; column < COLUMN_COUNT; column++)
		widths[column] = text_width(headings[column]);
	for (guint i = 0; i < hooks->len; i++) {
		Row *row = row_new(g_ptr_array_index(hooks, i));

		for (guint column = 0; column < COLUMN_COUNT; column++)
			widths[column] = MAX(widths[column], text_width(row->cells[column]));
		g_ptr_array_add(rows, row);
	}
	print_row(headings, widths);
	for (guint i = 0; i < rows->len; i++) {
		const Row *row = g_ptr_array_index(rows, i);

		print_row((const char *const *)row->cells, widths);
	}
}

static void explain_empty(void)
{
	g_autoptr(GPtrArray) mounts = bpffs_mounts();

	if (mounts && mounts->len == 0)
		g_printerr("No hooks: no bpffs is mounted (mount -t bpf bpf /sys/fs/bpf).\n");
	else
		g_printerr(
			"No hooks: no XDP program that is loaded has a hook pinned in a bpffs.\n");
}

static void json_add_program(JsonBuilder *builder, guint32 id, const char *name)
{
	json_builder_begin_object(builder);
	json_add_number(builder, "id", id);
	json_add_string(builder, "name", name);
	json_builder_end_object(builder);
}

static void json_add_slots(JsonBuilder *builder, const Hook *hook)
{
	json_builder_set_member_name(builder, "slots");
	json_builder_begin_array(builder);
	for (guint i = 0; i < hook->slot_count; i++) {
		json_builder_begin_object(builder);
		json_add_string(builder, "action", action_name(i));
		json_builder_set_member_name(builder, "program");
		if (hook->slots[i] != 0)
			json_add_program(builder, hook->slots[i], hook->slot_names[i]);
		else
			json_builder_add_null_value(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

static void json_add_programs(JsonBuilder *builder, const Hook *hook)
{
	json_builder_set_member_name(builder, "programs");
	if (!hook->programs_known) {
		json_builder_add_null_value(builder);
		return;
	}
	json_builder_begin_array(builder);
	for (guint i = 0; i < hook->programs->len; i++) {
		const HookProgram *program = g_ptr_array_index(hook->programs, i);

		json_add_program(builder, program->id, program->name);
	}
	json_builder_end_array(builder);
}

static void json_add_device(JsonBuilder *builder, const HookDevice *device)
{
	const guint8 *mac = device->mac;
	char text[18];

	g_snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		   mac[3], mac[4], mac[5]);
	json_builder_begin_object(builder);
	json_add_string(builder, "name", device->name);
	json_add_number(builder, "ifindex", device->ifindex);
	json_add_string(builder, "netns", device->namespace_name);
	json_add_number(builder, "netns_inode", device->namespace);
	json_add_boolean(builder, "own_netns", device->own_namespace);
	json_add_string(builder, "mac", device->has_mac ? text : NULL);
	json_builder_set_member_name(builder, "speed");
	if (device->speed != 0)
		json_builder_add_int_value(builder, (gint64)device->speed);
	else
		json_builder_add_null_value(builder);
	json_builder_end_object(builder);
}

static void json_add_devices(JsonBuilder *builder, const Hook *hook)
{
	json_builder_set_member_name(builder, "devices");
	if (!hook->programs_known) {
		json_builder_add_null_value(builder);
		return;
	}
	json_builder_begin_array(builder);
	for (guint i = 0; i < hook->devices->len; i++)
		json_add_device(builder, g_ptr_array_index(hook->devices, i));
	json_builder_end_array(builder);
}

static void json_add_hook(JsonBuilder *builder, const Hook *hook, const char *interface)
{
	json_builder_begin_object(builder);
	json_add_string(builder, "path", hook->path);
	json_add_string(builder, "name", hook->name);
	json_add_string(builder, "interface", interface);
	json_add_number(builder, "map_id", hook->map_id);
	json_add_slots(builder, hook);
	json_add_programs(builder, hook);
	json_add_devices(builder, hook);
	json_builder_end_object(builder);
}

static void print_json(const GPtrArray *hooks)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_auto(GStrv) interfaces = interface_values_of(hooks);
	g_autofree char *text = NULL;

	json_builder_begin_array(builder);
	for (guint i = 0; i < hooks->len; i++)
		json_add_hook(builder, g_ptr_array_index(hooks, i), interfaces[i]);
	json_builder_end_array(builder);
	text = json_format(builder, TRUE);
	puts(text);
}

static int list_hooks(gboolean json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hooks = broker_list_hooks(&error);

	if (!hooks) {
		g_printerr("xdpshark: %s\n", error->message);
		return EXIT_STATUS_FAILED;
	}
	if (json)
		print_json(hooks);
	else if (hooks->len > 0)
		print_table(hooks);
	else
		explain_empty();
	return EXIT_STATUS_OK;
}

int list_command(int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json,
		  "Print a JSON array with an object for each hook", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_set_prgname("xdpshark list"); /* for the usage line of --help */
	g_option_context_set_summary(context, "Lists the XDP hooks of this machine: the devices "
					      "and programs that lead to each,\nand whose "
					      "programs are in its slots.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("xdpshark: list: %s (see xdpshark list --help)\n", error->message);
		return EXIT_STATUS_USAGE;
	}
	if (argc > 1) {
		g_printerr("xdpshark: list takes no operand, but \"%s\" was given "
			   "(see xdpshark list --help)\n",
			   argv[1]);
		return EXIT_STATUS_USAGE;
	}
	return list_hooks(json);
}
