// SPDX-License-Identifier: GPL-2.0-or-later
#include "tc_attached.h"

#include <string.h>

#include "device.h"
#include "program_survey.h"

/* The last part of an address that stands for all programs of a way. */
static const char *const ways[] = { "ingress", "egress", NULL };

static GPtrArray *new_points(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
}

static char *address_of(const GPtrArray *points, const char *base, const char *name)
{
	guint number = g_strv_contains(ways, name) ? 1 : 0;

	for (guint i = 0; i < points->len; i++)
		number += strcmp(((const Point *)points->pdata[i])->name, name) == 0;
	if (number == 0)
		return g_strdup_printf("%s/%s", base, name);
	return g_strdup_printf("%s/%s#%u", base, name,
			       g_strv_contains(ways, name) ? number : number + 1);
}

/* What is gone has no point. */
static void add_program(ProgramSurvey *survey, GPtrArray *points, const Device *device,
			const char *base, const TcProgram *found)
{
	const PointProgram *program = program_survey_describe(survey, found->id);
	Point *point;

	if (!program)
		return;
	point = point_new(&source_tc);
	point->address = *base ? address_of(points, base, program->name) : g_strdup("");
	point->id = found->id;
	point->programs_known = TRUE;
	point->name = g_strdup(program->name);
	point->way = g_strdup(found->way);
	if (found->classify)
		point->refusal = g_strdup("what it returns is no verdict but a class; attach it "
					  "with direct-action (tc filter ... bpf da)");
	point_copy_program(point, program);
	g_ptr_array_add(point->devices, device_describe(device, found->id, G_MAXUINT));
	g_ptr_array_add(points, point);
}

/* Each program of the device: Point *. */
static GPtrArray *list_programs(ProgramSurvey *survey, const Device *device, const char *base)
{
	GPtrArray *points = new_points();

	for (guint i = 0; i < device->tc->len; i++)
		add_program(survey, points, device, base, &g_array_index(device->tc, TcProgram, i));
	return points;
}

/* way: NULL for both. */
static gboolean is_of_way(const Point *point, const char *way)
{
	return !way || g_strcmp0(point_way_word(point), way) == 0;
}

/* All of a device, or those of one way. */
static Point *point_of_device(const GPtrArray *programs, const Device *device, const char *base,
			      const char *way)
{
	Point *point = point_new(&source_tc);

	point->address = way ? g_strdup_printf("%s/%s", base, way) : g_strdup(base);
	point->name = g_strdup(way ? way : device->name);
	point->id = g_str_hash(point->address);
	point->programs_known = TRUE;
	for (guint i = 0; i < programs->len; i++) {
		const Point *part = g_ptr_array_index(programs, i);

		if (is_of_way(part, way) && !point_program(point, part->id))
			point_copy_program(point, g_ptr_array_index(part->programs, 0));
	}
	g_ptr_array_add(point->devices, device_describe(device, 0, G_MAXUINT));
	return point;
}

GPtrArray *tc_attached_list(GPtrArray **ret_nameless)
{
	g_autoptr(GPtrArray) devices = device_list_tc(FALSE, NULL);
	g_autoptr(ProgramSurvey) survey = program_survey_new();
	GPtrArray *points = new_points(), *nameless = new_points();

	g_ptr_array_sort(devices, device_compare);
	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		g_autofree char *address = device_address(device);
		GPtrArray *programs = list_programs(survey, device, address ? address : "");

		if (address)
			g_ptr_array_add(points, point_of_device(programs, device, address, NULL));
		g_ptr_array_extend_and_steal(address ? points : nameless, programs);
	}
	if (ret_nameless)
		*ret_nameless = nameless;
	else
		g_ptr_array_unref(nameless);
	return points;
}

/* What an address says. */
typedef struct {
	char *base;	  /* the device with its namespace */
	const char *part; /* what stands behind its "/"; or NULL */
	const char *way;  /* that is one of these */
} Address;

static Address parse(const char *text)
{
	const char *slash = strchr(text, '/');
	Address address = {
		.base = slash ? g_strndup(text, (gsize)(slash - text)) : g_strdup(text),
		.part = slash ? slash + 1 : NULL,
	};

	if (slash && g_strv_contains(ways, slash + 1))
		address.way = slash + 1;
	return address;
}

/* The programs of the device, and the device itself, which the caller frees; NULL with error. */
static GPtrArray *find_programs(const Address *address, Device **ret_device, GError **error)
{
	const char *colon = strrchr(address->base, ':');
	g_autofree char *namespace_name =
		colon ? g_strndup(address->base, (gsize)(colon - address->base)) : NULL;
	g_autoptr(GPtrArray) devices = device_list_tc(TRUE, namespace_name);
	g_autoptr(ProgramSurvey) survey = program_survey_new();

	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		g_autofree char *found = device_address(device);

		if (g_strcmp0(found, address->base) != 0)
			continue;
		*ret_device = g_ptr_array_steal_index(devices, i);
		return list_programs(survey, *ret_device, address->base);
	}
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		    "no tc program is on device %s (xdpshark list shows those that have one; tc "
		    "filter add dev %s ingress bpf ... attaches one)",
		    address->base, colon ? colon + 1 : address->base);
	return NULL;
}

static Point *set_part_error(const Address *address, const GPtrArray *programs, GError **error)
{
	g_autoptr(GString) others = g_string_new(NULL);

	for (guint i = 0; i < programs->len; i++)
		g_string_append_printf(others, "%s%s", i ? ", " : "",
				       ((const Point *)programs->pdata[i])->address);
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		    "no tc program %s is on device %s: there is %s", address->part, address->base,
		    others->str);
	return NULL;
}

/* Takes the point from the programs. */
static Point *take_part(const Address *address, GPtrArray *programs, const char *text,
			GError **error)
{
	for (guint i = 0; i < programs->len; i++)
		if (strcmp(((const Point *)programs->pdata[i])->address, text) == 0)
			return g_ptr_array_steal_index(programs, i);
	return set_part_error(address, programs, error);
}

static Point *describe(const char *text, GError **error)
{
	Address address = parse(text);
	g_autofree char *base = address.base;
	Device *device = NULL;
	g_autoptr(GPtrArray) programs = find_programs(&address, &device, error);
	Point *point = NULL;

	if (programs && address.part && !address.way)
		point = take_part(&address, programs, text, error);
	else if (programs)
		point = point_of_device(programs, device, base, address.way);
	device_free(device);
	if (point && point->programs->len > 0)
		return point;
	if (point)
		set_part_error(&address, programs, error);
	point_free(point);
	return NULL;
}

GPtrArray *tc_attached_describe(const char *const *addresses, GError **error)
{
	g_autoptr(GPtrArray) points = new_points();

	for (; *addresses; addresses++) {
		Point *point = describe(*addresses, error);

		if (!point)
			return NULL;
		g_ptr_array_add(points, point);
	}
	return g_steal_pointer(&points);
}

gboolean tc_attached_is_of(const Point *point, const char *text)
{
	Address address = parse(text);
	g_autofree char *base = address.base;

	if (address.part && !address.way)
		return strcmp(point->address, text) == 0;
	return g_str_has_prefix(point->address, base) && point->address[strlen(base)] == '/' &&
	       is_of_way(point, address.way);
}

GPtrArray *tc_attached_members(const char *text, GError **error)
{
	Address address = parse(text);
	g_autofree char *base = address.base;
	Device *device = NULL;
	g_autoptr(GPtrArray) programs = find_programs(&address, &device, error);
	g_autoptr(GPtrArray) members = new_points();

	device_free(device);
	for (guint i = 0; programs && i < programs->len; i++) {
		const Point *point = g_ptr_array_index(programs, i);

		if (tc_attached_is_of(point, text))
			g_ptr_array_add(members, g_ptr_array_steal_index(programs, i--));
	}
	if (members->len > 0)
		return g_steal_pointer(&members);
	if (programs)
		set_part_error(&address, programs, error);
	return NULL;
}
