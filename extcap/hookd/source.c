// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

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

GPtrArray *source_list(const SourceType *type, GPtrArray **ret_others, GError **error)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (const Source *const *source = sources; *source; source++) {
		GPtrArray *more = NULL, *found;

		if (type && (*source)->type != type)
			continue;
		found = (*source)->list(ret_others ? &more : NULL, error);
		if (!found)
			return NULL;
		add_points(points, found);
		add_points(others, more);
	}
	if (ret_others)
		*ret_others = g_steal_pointer(&others);
	return g_steal_pointer(&points);
}
