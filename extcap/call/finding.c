// SPDX-License-Identifier: GPL-2.0-or-later
#include "finding.h"

#include <string.h>

void finding_free(Finding *finding)
{
	if (!finding)
		return;
	g_free(finding->name);
	g_free(finding->detail);
	g_free(finding);
}

const Finding *finding_find(const GPtrArray *findings, const char *name)
{
	for (guint i = 0; findings && i < findings->len; i++) {
		const Finding *finding = g_ptr_array_index(findings, i);

		if (strcmp(finding->name, name) == 0)
			return finding;
	}
	return NULL;
}

GVariant *findings_to_variant(const GPtrArray *findings)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a" FINDING_VARIANT_TYPE));
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = g_ptr_array_index(findings, i);
		g_autofree char *detail = g_utf8_make_valid(finding->detail, -1);

		g_variant_builder_add(&builder, FINDING_VARIANT_TYPE, finding->name,
				      (guint32)finding->answer, detail);
	}
	return g_variant_builder_end(&builder);
}

GPtrArray *findings_from_variant(GVariant *variant)
{
	GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

	for (gsize i = 0; i < g_variant_n_children(variant); i++) {
		Finding *finding = g_new0(Finding, 1);
		guint32 answer;

		g_variant_get_child(variant, i, FINDING_VARIANT_TYPE, &finding->name, &answer,
				    &finding->detail);
		finding->answer = (Answer)MIN(answer, ANSWER_UNKNOWN);
		g_ptr_array_add(findings, finding);
	}
	return findings;
}
