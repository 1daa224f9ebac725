// SPDX-License-Identifier: GPL-2.0-or-later
#include "common.h"

const PointDevice *common_device(const Point *point, LinkType link)
{
	const PointDevice *found = NULL;

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (link_type_of(device->hardware_type) != link)
			continue;
		if (found)
			return NULL;
		found = device;
	}
	return found;
}

static gboolean spans_namespaces(const Point *point)
{
	for (guint i = 1; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		const PointDevice *first = g_ptr_array_index(point->devices, 0);

		if (device->namespace != first->namespace)
			return TRUE;
	}
	return FALSE;
}

char *common_format_namespace(const Point *point, const PointDevice *device)
{
	if (!device || device->own_namespace || !spans_namespaces(point))
		return NULL;
	return device->namespace_name ? g_strdup(device->namespace_name)
				      : g_strdup_printf("%" G_GUINT64_FORMAT, device->namespace);
}

static const PointProgram *only_program(const Point *point, const PointDevice *device)
{
	const PointProgram *program = device ? point_program(point, device->program_id) : NULL;

	if (!program && point->programs->len == 1)
		program = g_ptr_array_index(point->programs, 0);
	return program;
}

void common_set(Common *common, const Point *point, LinkType link)
{
	const PointDevice *device = common_device(point, link);
	const PointProgram *program = only_program(point, device);

	common->device = device ? g_strdup(device->name) : NULL;
	common->namespace = common_format_namespace(point, device);
	common->program = program ? g_strdup(program->name) : NULL;
	common->program_id = program ? program->id : 0;
}

gboolean common_matches(const Common *common, const Comment *comment)
{
	return g_strcmp0(common->program, comment->program) == 0 &&
	       common->program_id == comment->program_id &&
	       g_strcmp0(common->device, comment->device) == 0 &&
	       g_strcmp0(common->namespace, comment->namespace) == 0;
}

void common_clear(Common *common)
{
	g_free(common->program);
	g_free(common->device);
	g_free(common->namespace);
}
