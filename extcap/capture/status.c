// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include "detached.h"
#include "json.h"

typedef guint64 Sum(const Counts *counts, guint actions);

static void append_sum(GString *text, const char *name, Sum *sum, const Counts *counts,
		       const SourceType *type)
{
	const char *separator = " (";

	g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT, text->len ? ", " : "", name,
			       sum(counts, ~0U));
	for (guint slot = 0; type && slot < type->verdict_count; slot++) {
		guint64 value = sum(counts, 1U << slot);

		if (value == 0)
			continue;
		g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT, separator,
				       source_verdict_name(type, slot), value);
		separator = ", ";
	}
	if (separator[0] == ',')
		g_string_append_c(text, ')');
}

char *status_format(const Counts *counts, const SourceType *type)
{
	GString *text = g_string_new(NULL);

	append_sum(text, "received", counts_received, counts, type);
	append_sum(text, "matched", counts_matched, counts, type);
	if (counts_braked(counts, ~0U) > 0)
		append_sum(text, "left out", counts_braked, counts, type);
	append_sum(text, "lost", counts_lost, counts, type);
	return g_string_free(text, FALSE);
}

static const char *const outcome_names[] = {
	[XDPSHARK_REJECTED] = "rejected",	 [XDPSHARK_SAMPLED] = "left_out_sampled",
	[XDPSHARK_LIMITED] = "left_out_limited", [XDPSHARK_CAPTURED] = "captured",
	[XDPSHARK_LOST_FULL] = "lost_full",	 [XDPSHARK_LOST_UNREADABLE] = "lost_unreadable",
	[XDPSHARK_LOST_READER] = "lost_reader",	 [XDPSHARK_LOST_NO_RING] = "lost_no_ring",
};

static void add_verdict(JsonBuilder *builder, const Counts *counts, const SourceType *type,
			guint slot)
{
	json_builder_set_member_name(builder, source_verdict_name(type, slot));
	json_builder_begin_object(builder);
	for (gsize outcome = 0; outcome < G_N_ELEMENTS(outcome_names); outcome++)
		json_add_number(builder, outcome_names[outcome], counts->outcomes[slot][outcome]);
	json_builder_end_object(builder);
}

char *status_format_json(const Counts *counts, const SourceType *type, guint64 written,
			 const GPtrArray *detached, gboolean final)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_boolean(builder, "final", final);
	json_add_number(builder, "received", counts_received(counts, ~0U));
	json_add_number(builder, "matched", counts_matched(counts, ~0U));
	json_add_number(builder, "lost", counts_lost(counts, ~0U));
	json_add_number(builder, "written", written);
	json_builder_set_member_name(builder, "actions");
	json_builder_begin_object(builder);
	for (guint slot = 0; type && slot < type->verdict_count; slot++)
		add_verdict(builder, counts, type, slot);
	json_builder_end_object(builder);
	detached_add_json(builder, detached);
	json_builder_end_object(builder);
	return json_format(builder, FALSE);
}

char *status_format_message(const char *text)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_string(builder, "message", text);
	json_builder_end_object(builder);
	return json_format(builder, FALSE);
}
