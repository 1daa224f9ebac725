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

GVariant *expansion_of(GVariant *asked)
{
	g_autoptr(GVariant) held = asked;
	GVariantBuilder builder;
	const char *scheme, *address;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(say)"));
	for (gsize i = 0; i < g_variant_n_children(held); i++) {
		g_auto(GStrv) members = NULL;

		g_variant_get_child(held, i, "(&s^&ay)", &scheme, &address);
		members = find_members(scheme, address);
		for (guint k = 0; members && members[k]; k++)
			g_variant_builder_add(&builder, "(s^ay)", scheme, members[k]);
		if (!members)
			g_variant_builder_add(&builder, "(s^ay)", scheme, address);
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}
