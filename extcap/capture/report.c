// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <stdio.h>

#include "detached.h"
#include "sink.h"
#include "status.h"

#define GAP "%u lines are left out here: nobody has read them in time"

static char *format_gap(guint lines)
{
	return g_strdup_printf("xdpshark: " GAP "\n", lines);
}

static char *format_gap_json(guint lines)
{
	g_autofree char *text = g_strdup_printf(GAP, lines);
	g_autofree char *line = status_format_message(text);

	return g_strconcat(line, "\n", NULL);
}

void report_never_wait(const Report *report)
{
	sink_take_over(&stderr, report->json ? format_gap_json : format_gap);
}

void report_message(GLogLevelFlags level, const char *text, gpointer data)
{
	const Report *report = data;

	if (report->json && level <= G_LOG_LEVEL_MESSAGE) {
		g_autofree char *line = status_format_message(text);

		g_printerr("%s\n", line);
	} else if (!report->verbose && (level <= G_LOG_LEVEL_WARNING || !report->quiet) &&
		   level <= G_LOG_LEVEL_MESSAGE) {
		g_printerr("xdpshark: %s\n", text);
	}
	g_log(G_LOG_DOMAIN, level, "%s", text);
}

void report_start(const Report *report, const Stream *stream, guint sessions)
{
	if (report->json || !report->status)
		return;
	for (guint i = 0; i < sessions; i++) {
		const Point *point = stream_point(stream, i);
		g_autofree char *text = point_display(point), *typed = point_typed(point);

		g_printerr("capturing on %s, %s%s\n", text,
			   point->type->address == SOURCE_ADDRESS_PATH ? "pinned at " : "", typed);
	}
}

void report_hooks(const Report *report, const Stream *stream, guint sessions)
{
	for (guint i = 0; i < sessions; i++) {
		const Point *point = stream_point(stream, i);
		g_autofree char *line = NULL;

		if (!point->hook)
			continue;
		line = g_strdup_printf("%s %s: it has a hook, which costs less: %s",
				       point->type->noun, point->address, point->hook);
		report_message(G_LOG_LEVEL_MESSAGE, line, (gpointer)report);
	}
}

/* That of all points, be they on other hosts; NULL if there are several. */
static const SourceType *common_type(const Pump *pump)
{
	g_autoptr(GPtrArray) types = g_ptr_array_new();

	for (guint i = 0; i < stream_points(pump->stream); i++)
		g_ptr_array_add(types, (gpointer)stream_point(pump->stream, i)->type);
	for (guint i = 0; i < pump->inputs->len; i++) {
		const Input *input = g_ptr_array_index(pump->inputs, i);

		if (input->type->source)
			g_ptr_array_add(types, (gpointer)input->type->source(input));
	}
	for (guint i = 1; i < types->len; i++)
		if (types->pdata[i] != types->pdata[0])
			return NULL;
	return types->len > 0 ? types->pdata[0] : source_types[0];
}

static char *describe_place(const Pump *pump)
{
	guint64 files = pump->rotation ? rotation_files(pump->rotation) : 1;

	if (files == 1)
		return g_strdup(output_name(pump->output));
	return g_strdup_printf("%" G_GUINT64_FORMAT " files, the last one %s", files,
			       output_name(pump->output));
}

void report_counts(const Report *report, const Pump *pump, gboolean final)
{
	guint64 written = stream_packets(pump->stream);
	g_autofree char *text = NULL, *detached = NULL, *place = NULL;
	const SourceType *type;
	Counts sum;

	if (!report->status)
		return;
	type = common_type(pump);
	inputs_count(pump->inputs, &sum);
	if (report->json) {
		text = status_format_json(&sum, type, written, report->detached, final);
		g_printerr("%s\n", text);
		return;
	}
	text = status_format(&sum, type);
	detached = detached_format(report->detached);
	if (final)
		place = describe_place(pump);
	g_printerr("%s%s%s, written %" G_GUINT64_FORMAT "%s%s\n", text, detached ? ", " : "",
		   detached ? detached : "", written, final ? " packets to " : "",
		   final ? place : "");
}
