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
	g_autoptr(GError) reason = NULL;
	gboolean listed = FALSE;

	for (const Source *const *source = sources; *source; source++) {
		GPtrArray *more = NULL, *found;

		if (type && (*source)->type != type)
			continue;
		found = (*source)->list(ret_others ? &more : NULL, reason ? NULL : &reason);
		listed |= found != NULL;
		add_points(points, found);
		add_points(others, more);
	}
	if (!listed) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	if (ret_others)
		*ret_others = g_steal_pointer(&others);
	return g_steal_pointer(&points);
}
