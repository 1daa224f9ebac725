// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "metrics.h"
#include "view.h"

typedef struct {
	View view;
	char *path;    /* NULL: standard output */
	char *trouble; /* why the file could not be replaced the last time; or NULL */
} MetricsView;

/* The folder may be back in a moment: only what fails at the start and at the end counts. */
static gboolean replace(MetricsView *metrics, const char *text, ViewMoment moment, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (metrics_file_replace(metrics->path, text, &reason)) {
		if (metrics->trouble)
			g_printerr("xdpshark: %s is written again\n", metrics->path);
		g_clear_pointer(&metrics->trouble, g_free);
		return TRUE;
	}
	if (moment == VIEW_BEGIN || moment == VIEW_END) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	if (g_strcmp0(metrics->trouble, reason->message) != 0) {
		g_free(metrics->trouble);
		metrics->trouble = g_strdup(reason->message);
		g_printerr("xdpshark: %s: tried again each interval\n", reason->message);
	}
	return TRUE;
}

static gboolean show(View *view, const Tally *tally, ViewMoment moment, GError **error)
{
	MetricsView *metrics = (MetricsView *)view;
	g_autofree char *text = NULL;

	if (moment == VIEW_AGAIN || (!metrics->path && moment != VIEW_END))
		return TRUE;
	text = metrics_format(tally);
	if (metrics->path)
		return replace(metrics, text, moment, error);
	fprintf(stdout, "%s", text);
	fflush(stdout);
	return TRUE;
}

static void free_view(View *view)
{
	MetricsView *metrics = (MetricsView *)view;

	g_free(metrics->path);
	g_free(metrics->trouble);
	g_free(metrics);
}

static const ViewType metrics_view_type = { .show = show, .free = free_view };

View *metrics_view_new(const char *path)
{
	MetricsView *metrics = g_new0(MetricsView, 1);

	metrics->view.type = &metrics_view_type;
	metrics->path = g_strdup(path);
	return &metrics->view;
}
