// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "json.h"
#include "view.h"

static void add_double(JsonBuilder *builder, const char *name, gdouble value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_double_value(builder, value);
}

/* Names that may not be known are null. */
static void add_names(JsonBuilder *builder, const Point *point)
{
	json_builder_set_member_name(builder, "programs");
	json_builder_begin_array(builder);
	for (guint i = 0; i < point->programs->len; i++) {
		const PointProgram *program = g_ptr_array_index(point->programs, i);

		json_builder_begin_object(builder);
		json_add_number(builder, "id", program->id);
		json_add_string(builder, "name", program->name);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_set_member_name(builder, "interfaces");
	json_builder_begin_array(builder);
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		g_autofree char *name = tally_device(device);
		g_autofree char *valid = g_utf8_make_valid(name, -1);

		json_builder_add_string_value(builder, valid);
	}
	json_builder_end_array(builder);
}

static void add_verdict(JsonBuilder *builder, const Tally *tally, const TallyPoint *counted,
			guint verdict)
{
	const TallyCount *total = &counted->total.verdicts[verdict];
	const TallyCount *fresh = &counted->fresh.verdicts[verdict];

	json_builder_set_member_name(builder, tally_verdict_name(counted, verdict));
	json_builder_begin_object(builder);
	json_add_number(builder, "packets", total->packets);
	json_add_number(builder, "bytes", total->bytes);
	add_double(builder, "packets_per_second", tally_rate(tally, fresh->packets));
	add_double(builder, "bytes_per_second", tally_rate(tally, fresh->bytes));
	json_add_boolean(builder, "detached", counted->absent >> verdict & 1);
	json_builder_end_object(builder);
}

static void add_point(JsonBuilder *builder, const Tally *tally, const TallyPoint *counted)
{
	const Point *point = counted->point;
	gboolean path = point->type->address == SOURCE_ADDRESS_PATH;

	json_builder_begin_object(builder);
	json_add_string(builder, "source", point->type->scheme);
	json_add_string(builder, "address", point->address);
	json_add_string(builder, "hook", path ? point->address : NULL);
	add_names(builder, point);
	json_builder_set_member_name(builder, "actions");
	json_builder_begin_object(builder);
	for (guint verdict = 0; verdict < XDPSHARK_VERDICT_SLOTS; verdict++)
		if (tally_shows(counted, verdict))
			add_verdict(builder, tally, counted, verdict);
	json_builder_end_object(builder);
	json_add_number(builder, "unmatched", counted->total.unmatched);
	json_builder_end_object(builder);
}

static gboolean show(View *view G_GNUC_UNUSED, const Tally *tally, ViewMoment moment,
		     GError **error G_GNUC_UNUSED)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *line = NULL;

	if (moment == VIEW_BEGIN || moment == VIEW_AGAIN)
		return TRUE;
	json_builder_begin_object(builder);
	json_add_boolean(builder, "final", moment == VIEW_END);
	add_double(builder, "time", (gdouble)tally->real_time / 1e9);
	add_double(builder, "seconds", tally_seconds(tally));
	add_double(builder, "interval", tally->interval);
	json_builder_set_member_name(builder, "points");
	json_builder_begin_array(builder);
	for (guint i = 0; i < tally->points->len; i++) {
		const TallyPoint *counted = g_ptr_array_index(tally->points, i);

		if (counted->attached)
			add_point(builder, tally, counted);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	line = json_format(builder, FALSE);
	fprintf(stdout, "%s\n", line);
	fflush(stdout);
	return TRUE;
}

static void free_view(View *view)
{
	g_free(view);
}

static const ViewType json_view_type = { .show = show, .free = free_view };

View *json_view_new(void)
{
	View *view = g_new0(View, 1);

	view->type = &json_view_type;
	return view;
}
