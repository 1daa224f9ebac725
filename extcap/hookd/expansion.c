// SPDX-License-Identifier: GPL-2.0-or-later
#include "expansion.h"

#include <string.h>

#include "source.h"

static GStrv find_members(const char *scheme, const char *address)
{
	const SourceType *type = source_type_find(scheme, strlen(scheme));
	const Source *source = type ? source_of(type) : NULL;

	return source && source->members ? source->members(address) : NULL;
}

static void add(GVariantBuilder *builder, GPtrArray *groups, const char *scheme,
		const char *address, const char *group)
{
	g_variant_builder_add(builder, "(s^ay)", scheme, address);
	g_ptr_array_add(groups, g_strdup(group));
}

GVariant *expansion_of(GVariant *asked, GPtrArray **ret_groups)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GVariant) held = asked;
	GVariantBuilder builder;
	const char *scheme, *address;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(say)"));
	for (gsize i = 0; i < g_variant_n_children(held); i++) {
		g_auto(GStrv) members = NULL;

		g_variant_get_child(held, i, "(&s^&ay)", &scheme, &address);
		members = find_members(scheme, address);
		for (guint k = 0; members && members[k]; k++)
			add(&builder, groups, scheme, members[k],
			    strcmp(members[k], address) != 0 ? address : NULL);
		if (!members)
			add(&builder, groups, scheme, address, NULL);
	}
	*ret_groups = groups;
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}
