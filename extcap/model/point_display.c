/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text by which a point is shown to people.
 */
#include "point.h"

#include <string.h>

#include "terminal.h"

/* Names of devices or programs that are shown before "and N more". */
#define MAX_NAMES 4

/* In bytes. Wireshark names its temporary file after this text and adds to it: with more than 255
 * bytes in all it could not create the file. */
#define MAX_NAME    80
#define MAX_DISPLAY 200
#define ELLIPSIS    "..."

static const char *character_start(const char *text, gsize at)
{
	while (at > 0 && (text[at] & 0xc0) == 0x80)
		at--;
	return text + at;
}

/* Takes text over. Text over the limit is cut in front of its last `tail` bytes. */
static char *text_shorten(char *text, gsize limit, gsize tail)
{
	gsize length = strlen(text);
	const char *end;
	char *shortened;

	if (length <= limit)
		return text;
	end = character_start(text, limit - tail - strlen(ELLIPSIS));
	shortened = g_strdup_printf("%.*s" ELLIPSIS "%s", (int)(end - text), text,
				    tail > 0 ? character_start(text, length - tail) : "");
	g_free(text);
	return shortened;
}

/* Takes name over. Wireshark's sentences end at '}'. */
static char *name_tame(char *name)
{
	char *tame = g_strdelimit(terminal_tame(name), "{}", '?');

	g_free(name);
	return text_shorten(tame, MAX_NAME, MAX_NAME / 4);
}

char *point_device_format(const PointDevice *device)
{
	if (device->own_namespace)
		return g_strdup(device->name);
	if (device->namespace_name)
		return g_strdup_printf("%s (netns %s)", device->name, device->namespace_name);
	return g_strdup_printf("%s (netns %" G_GUINT64_FORMAT ")", device->name, device->namespace);
}

static gboolean names_contain(const GPtrArray *names, const char *name)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

/* Takes over name, which must be tame. A name is shown once: two versions of a program share it. */
static void names_add(GPtrArray *names, char *name)
{
	if (names_contain(names, name))
		g_free(name);
	else
		g_ptr_array_add(names, name);
}

static void names_append(GString *out, const GPtrArray *names)
{
	for (guint i = 0; i < names->len && i < MAX_NAMES; i++)
		g_string_append_printf(out, "%s%s", i == 0 ? "" : ", ",
				       (const char *)g_ptr_array_index(names, i));
	if (names->len > MAX_NAMES)
		g_string_append_printf(out, " and %u more", names->len - MAX_NAMES);
}

static void append_programs(GString *out, const Point *point)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < point->programs->len; i++) {
		const PointProgram *program = g_ptr_array_index(point->programs, i);

		names_add(names, program->name[0] ? name_tame(g_strdup(program->name))
						  : g_strdup_printf("#%u", program->id));
	}
	g_string_append(out, names->len == 1 ? " (program " : " (programs ");
	names_append(out, names);
	g_string_append(out, point->devices->len == 0 ? ", not attached)" : ")");
}

/* "; what to do" is left to lists with more room. */
static char *refusal_reason(const Point *point)
{
	const char *end = strstr(point->refusal, "; ");

	return name_tame(end ? g_strndup(point->refusal, (gsize)(end - point->refusal))
			     : g_strdup(point->refusal));
}

/* Programs on no device are in a map, which the address names. */
static void append_map(GString *out, const Point *point)
{
	g_autofree char *address = name_tame(g_strdup(point->address));

	g_string_append_printf(out, " in %s", address);
}

/* Takes text over. */
static void append_remark(GString *out, guint *count, const char *before, char *text)
{
	g_string_append_printf(out, "%s%s%s", (*count)++ == 0 ? " (" : ", ", before, text);
	g_free(text);
}

/* What is to be known before it is captured. */
static void append_remarks(GString *out, const Point *point)
{
	const PointProgram *program = point->programs->len > 0 ? point->programs->pdata[0] : NULL;
	guint count = 0;

	if (point->way)
		append_remark(out, &count, "", name_tame(g_strdup(point->way)));
	if (point->dispatcher)
		append_remark(out, &count, "dispatcher ", name_tame(g_strdup(point->dispatcher)));
	if (point->refusal)
		append_remark(out, &count, "cannot be captured: ", refusal_reason(point));
	else if (program && program->dispatches)
		append_remark(out, &count, "", g_strdup("with its tail calls"));
	if (point->hook)
		append_remark(out, &count,
			      point->refusal ? "its hook: " : "has a hook, which costs less: ",
			      name_tame(g_strdup(point->hook)));
	if (count > 0)
		g_string_append_c(out, ')');
}

char *point_typed(const Point *point)
{
	if (point->type->address == SOURCE_ADDRESS_PATH)
		return g_strdup(point->address);
	return g_strdup_printf("%s:%s", point->type->scheme, point->address);
}

char *point_display(const Point *point)
{
	const SourcePlace *place = source_place_find(point->type, point->address);
	g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *name = name_tame(g_strdup(point->name));
	GString *out;

	if (place)
		return g_strdup(place->meaning);
	if (point->type->places)
		return g_strdup_printf("Packets in the kernel at %s", name);
	out = g_string_new(point->doubt ? "Perhaps an " : "");
	if (point->type == &source_tc && !point->way)
		g_string_append_printf(out, "%ss", point->type->title);
	else
		g_string_append_printf(out, "%s%s %s", point->type->title, point->doubt ? ":" : "",
				       name);
	for (guint i = 0; i < point->devices->len; i++)
		names_add(devices,
			  name_tame(point_device_format(g_ptr_array_index(point->devices, i))));
	if (devices->len > 0) {
		g_string_append(out, " on ");
		names_append(out, devices);
	}
	if (point->type == &source_program && devices->len == 0)
		append_map(out, point);
	if (point->type == &source_program || (point->type == &source_tc && point->refusal) ||
	    point->way)
		append_remarks(out, point);
	else if (point->programs->len > 0)
		append_programs(out, point);
	else if (point->programs_known && point->type->address == SOURCE_ADDRESS_PATH)
		g_string_append(out, " (no program)");
	return text_shorten(g_string_free(out, FALSE), MAX_DISPLAY, 0);
}
