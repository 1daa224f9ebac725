// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_attached.h"

#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "device.h"
#include "program_survey.h"
#include "xdp_held.h"
#include "xsk_map.h"
#include "xsk_owner.h"

/* A program on the device itself. Takes address over. */
static Point *point_of_program(ProgramSurvey *survey, const Device *device, guint slot,
			       char *address)
{
	guint32 id = device->programs[slot];
	const PointProgram *program = program_survey_describe(survey, id);
	Point *point = point_new(&source_program);

	point->address = address;
	point->id = id;
	point->programs_known = program != NULL;
	point->name = g_strdup(program ? program->name : "");
	if (program)
		point_copy_program(point, program);
	g_ptr_array_add(point->devices, device_describe(device, id, slot));
	return point;
}

/* The address of a component. Of several with the same name, the second one's ends in "#2". */
static char *address_of_component(const GPtrArray *points, const char *base, const char *name)
{
	g_autofree char *plain = g_strdup_printf("%s/%s", base, name);
	guint number = 1;

	for (guint i = 0; i < points->len; i++) {
		const Point *other = g_ptr_array_index(points, i);

		if (other->dispatcher && strcmp(other->name, name) == 0 &&
		    g_str_has_prefix(other->address, plain))
			number++;
	}
	return number == 1 ? g_steal_pointer(&plain) : g_strdup_printf("%s#%u", plain, number);
}

static void add_component(ProgramSurvey *survey, GPtrArray *points, const Point *whole,
			  const Device *device, guint32 id)
{
	const PointProgram *described = program_survey_describe(survey, id);
	PointProgram *program;
	Point *point;

	if (!described)
		return;
	point = point_new(&source_program);
	point->address = address_of_component(points, whole->address, described->name);
	point->id = id;
	point->programs_known = TRUE;
	point->name = g_strdup(described->name);
	point->dispatcher = g_strdup(whole->name);
	point_copy_program(point, described);
	program = g_ptr_array_index(point->programs, 0);
	program->runs_in = whole->id;
	g_ptr_array_add(point->devices, device_describe(device, id, 0));
	g_ptr_array_add(points, point);
}

/* The programs that have taken the place of functions of the one on the device, in their order. */
static void add_components(ProgramSurvey *survey, GPtrArray *points, Point *whole,
			   const Device *device)
{
	const GArray *replacements = program_survey_replacements(survey, whole->id);
	g_autoptr(GPtrArray) components =
		g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (guint i = 0; replacements && i < replacements->len; i++)
		add_component(survey, components, whole, device,
			      g_array_index(replacements, XdpReplacement, i).program);
	g_ptr_array_extend_and_steal(points, g_steal_pointer(&components));
}

static void add_device(ProgramSurvey *survey, GPtrArray *points, const Device *device,
		       char *address, gboolean with_components)
{
	Point *whole = point_of_program(survey, device, 0, address);

	g_ptr_array_add(points, whole);
	if (with_components)
		add_components(survey, points, whole, device);
}

/* Beside the driver's program the device may run one itself, which has no address of its own. */
static void add_further(ProgramSurvey *survey, GPtrArray *points, const Device *device)
{
	for (guint i = 1; i < device->program_count; i++)
		g_ptr_array_add(points, point_of_program(survey, device, i, g_strdup("")));
}

GPtrArray *xdp_attached_list(GPtrArray **ret_nameless)
{
	g_autoptr(GPtrArray) devices = device_list();
	g_autoptr(ProgramSurvey) survey = program_survey_new();
	g_autoptr(GPtrArray) nameless = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	g_ptr_array_sort(devices, device_compare);
	for (guint i = 0; i < devices->len; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		char *address = device->program_count > 0 ? device_address(device) : NULL;

		if (address)
			add_device(survey, points, device, address, TRUE);
		else if (ret_nameless && device->program_count > 0)
			add_device(survey, nameless, device, g_strdup(""), FALSE);
		if (ret_nameless)
			add_further(survey, nameless, device);
	}
	g_ptr_array_extend_and_steal(points, xdp_held_list(survey));
	if (ret_nameless)
		*ret_nameless = g_steal_pointer(&nameless);
	return points;
}

/* Those of the namespace that the address of a device names. */
static GPtrArray *list_around(const char *base)
{
	const char *colon = strrchr(base, ':');
	g_autofree char *namespace_name = colon ? g_strndup(base, colon - base) : NULL;

	return device_list_in(namespace_name);
}

/* The point with this address among those of its device; NULL with error. */
static Point *find(ProgramSurvey *survey, const char *wanted, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GString) others = g_string_new(NULL);
	const char *slash = strchr(wanted, '/');
	g_autofree char *base = slash ? g_strndup(wanted, slash - wanted) : g_strdup(wanted);
	g_autoptr(GPtrArray) devices = list_around(base);

	for (guint i = 0; i < devices->len && points->len == 0; i++) {
		const Device *device = g_ptr_array_index(devices, i);
		g_autofree char *address =
			device->program_count > 0 ? device_address(device) : NULL;

		if (g_strcmp0(address, base) == 0)
			add_device(survey, points, device, g_steal_pointer(&address),
				   slash != NULL);
	}
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if (strcmp(point->address, wanted) == 0)
			return g_ptr_array_steal_index(points, i);
		if (i > 0)
			g_string_append_printf(others, "%s%s", others->len ? ", " : "",
					       point->address);
	}
	if (points->len == 0)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "no XDP program is on device %s (xdpshark list shows those that have "
			    "one; ip link sets one)",
			    base);
	else if (others->len > 0)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "no component %s is in the XDP program on %s: there is %s", slash + 1,
			    base, others->str);
	else
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "no component %s is in the XDP program on %s, which has none: capture "
			    "%s:%s",
			    slash + 1, base, source_program.scheme, base);
	return NULL;
}

/* To look for them takes long where there are many processes. */
static void add_sockets(Point *point, XskMaps *maps)
{
	if (xsk_maps_are_used_by(maps, point->id))
		xsk_owners_add(point->sockets);
}

GPtrArray *xdp_attached_describe(const char *const *addresses, GError **error)
{
	g_autoptr(ProgramSurvey) survey = program_survey_new();
	g_autoptr(XskMaps) maps = xsk_maps_new();
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (; *addresses; addresses++) {
		Point *point = xdp_held_is_address(*addresses)
				       ? xdp_held_find(survey, *addresses, error)
				       : find(survey, *addresses, error);

		if (!point)
			return NULL;
		add_sockets(point, maps);
		g_ptr_array_add(points, point);
	}
	return g_steal_pointer(&points);
}

char *xdp_attached_components(const char *address)
{
	g_autoptr(GPtrArray) points = xdp_attached_list(NULL);
	g_autofree char *prefix = g_strdup_printf("%s/", address);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if (g_str_has_prefix(point->address, prefix))
			g_string_append_printf(text, "%s%s:%s", text->len ? ", " : "",
					       source_program.scheme, point->address);
	}
	return g_string_free(text, text->len == 0);
}

static const Point *find_hook(const Point *point, const GPtrArray *hooks)
{
	for (guint i = 0; i < hooks->len; i++) {
		const Point *hook = g_ptr_array_index(hooks, i);

		if (hook->type != &source_hook || hook->doubt)
			continue;
		if (point_program(hook, point->id))
			return hook;
		/* The program on the device leads to those behind it. */
		for (guint j = 0; !point->dispatcher && j < hook->devices->len; j++) {
			const PointDevice *device = g_ptr_array_index(hook->devices, j);

			for (guint k = 0; k < point->devices->len; k++) {
				const PointDevice *own = g_ptr_array_index(point->devices, k);

				if (own->ifindex == device->ifindex &&
				    own->namespace == device->namespace)
					return hook;
			}
		}
	}
	return NULL;
}

static gboolean is_hook(const GPtrArray *hooks, guint32 map_id)
{
	for (guint i = 0; i < hooks->len; i++) {
		const Point *hook = g_ptr_array_index(hooks, i);

		if (hook->type == &source_hook && !hook->doubt && hook->id == map_id)
			return TRUE;
	}
	return FALSE;
}

void xdp_attached_relate(const GPtrArray *points, const GPtrArray *hooks)
{
	for (guint i = 0; i < points->len; i++) {
		Point *point = g_ptr_array_index(points, i);
		PointProgram *program;
		const Point *hook;

		if (point->type != &source_program || point->programs->len == 0)
			continue;
		hook = find_hook(point, hooks);
		g_free(point->hook);
		point->hook = hook ? g_strdup(hook->address) : NULL;
		program = g_ptr_array_index(point->programs, 0);
		for (guint j = 0; program->arrays && j < program->arrays->len; j++)
			program->dispatches |=
				!is_hook(hooks, g_array_index(program->arrays, guint32, j));
	}
}
