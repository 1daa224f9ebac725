// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <string.h>

#include "detached.h"
#include "json.h"
#include "program_record.h"

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
				       source_slot_name(type, slot), value);
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
	json_builder_set_member_name(builder, source_slot_name(type, slot));
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
	json_add_string(builder, "source", type ? type->scheme : NULL);
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

/* A count that is there; anything else is 0. */
static guint64 number_of(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);
	gint64 value = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : 0;

	return value > 0 ? (guint64)value : 0;
}

static JsonObject *object_of(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* Earlier versions do not say it. */
static void read_source(JsonObject *object, const SourceType **type)
{
	JsonNode *node = json_object_get_member(object, "source");
	const char *scheme =
		node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;

	if (node)
		*type = scheme ? source_type_find(scheme, strlen(scheme)) : NULL;
}

static void read_verdicts(JsonObject *actions, const SourceType *type, Counts *counts)
{
	for (guint slot = 0; slot < type->verdict_count; slot++) {
		JsonObject *verdict = object_of(actions, source_slot_name(type, slot));

		for (gsize outcome = 0; verdict && outcome < G_N_ELEMENTS(outcome_names); outcome++)
			counts->outcomes[slot][outcome] =
				number_of(verdict, outcome_names[outcome]);
	}
}

/* Packets that no verdict of the type counts: it has none, they had none yet, or they are of points
 * of several types. */
static void read_others(JsonObject *object, Counts *counts)
{
	guint64 *others = counts->outcomes[XDPSHARK_SLOT_OTHER];
	guint64 received = number_of(object, "received") - counts_received(counts, ~0U);
	guint64 matched = number_of(object, "matched") - counts_matched(counts, ~0U);
	guint64 lost = number_of(object, "lost") - counts_lost(counts, ~0U);

	/* Not as xdpshark writes them. */
	if (received < matched || matched < lost || received > G_MAXINT64)
		return;
	others[XDPSHARK_LOST_READER] += lost;
	others[XDPSHARK_CAPTURED] += matched - lost;
	others[XDPSHARK_REJECTED] += received - matched;
}

gboolean status_parse(const char *line, const SourceType **type, Counts *ret_counts,
		      char **ret_message)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonNode *root, *message;
	JsonObject *object, *actions;

	memset(ret_counts, 0, sizeof(*ret_counts));
	*ret_message = NULL;
	if (*line != '{' || !json_is_flat(line) ||
	    !json_parser_load_from_data(parser, line, -1, NULL))
		return FALSE;
	root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root))
		return FALSE;
	object = json_node_get_object(root);
	message = json_object_get_member(object, "message");
	if (message && JSON_NODE_HOLDS_VALUE(message))
		*ret_message = g_strdup(json_node_get_string(message));
	actions = object_of(object, "actions");
	if (actions) {
		read_source(object, type);
		if (*type)
			read_verdicts(actions, *type, ret_counts);
		read_others(object, ret_counts);
	}
	return *ret_message || actions;
}
