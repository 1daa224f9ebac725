// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

#include "frags_probe.h"

const Source *source_of(const SourceType *type)
{
	const Source *const *source = sources;

	while ((*source)->type != type)
		source++;
	return *source;
}

/* Takes over more. */
static void add_points(GPtrArray *points, GPtrArray *more)
{
	if (more)
		g_ptr_array_extend_and_steal(points, more);
}

static void add_frags(const GPtrArray *points, FragsProbe *probe)
{
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		for (guint j = 0; j < point->programs->len; j++) {
			PointProgram *program = g_ptr_array_index(point->programs, j);

			if (point->type == &source_tc)
				continue;
			program->frags = frags_probe_ask(probe, program->runs_in ? program->runs_in
										 : program->id);
		}
	}
}

/* What the points of one source have to do with those of others. */
static void relate(const Source *source, const GPtrArray *points, const GPtrArray *all)
{
	g_autoptr(GPtrArray) own = g_ptr_array_new();

	for (guint i = 0; i < points->len; i++) {
		Point *point = g_ptr_array_index(points, i);

		if (point->type == source->type)
			g_ptr_array_add(own, point);
	}
	source->relate(own, all);
}

GPtrArray *source_list(const SourceType *type, GPtrArray **ret_others, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(FragsProbe) probe = frags_probe_new();

	for (const Source *const *source = sources; *source; source++) {
		GPtrArray *more = NULL, *found;

		if (type ? (*source)->type != type : (*source)->type->places != NULL)
			continue;
		found = (*source)->list(ret_others ? &more : NULL, error);
		if (!found)
			return NULL;
		add_points(points, found);
		add_points(others, more);
	}
	for (const Source *const *source = sources; *source; source++) {
		if (!(*source)->relate || (type && (*source)->type != type))
			continue;
		relate(*source, points, points);
		relate(*source, others, points);
	}
	if (ret_others) {
		add_frags(points, probe);
		add_frags(others, probe);
		*ret_others = g_steal_pointer(&others);
	}
	return g_steal_pointer(&points);
}
