// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "table.h"
#include "terminal.h"
#include "view.h"

typedef struct {
	View view;
	gboolean color;
	gboolean begun;
} PlainView;

static gboolean show(View *view, const Tally *tally, ViewMoment moment,
		     GError **error G_GNUC_UNUSED)
{
	PlainView *plain = (PlainView *)view;
	const TableStyle style = { .time = TRUE, .color = plain->color };
	g_autoptr(GPtrArray) lines = NULL;

	if (moment == VIEW_BEGIN || moment == VIEW_AGAIN)
		return TRUE;
	lines = table_format(tally, &style);
	if (plain->begun)
		fprintf(stdout, "\n");
	plain->begun = TRUE;
	for (guint i = 0; i < lines->len; i++) {
		g_autofree char *line = terminal_encode(g_ptr_array_index(lines, i));

		fprintf(stdout, "%s\n", line);
	}
	fflush(stdout);
	return TRUE;
}

static void free_view(View *view)
{
	g_free(view);
}

static const ViewType plain_view_type = { .show = show, .free = free_view };

View *plain_view_new(gboolean color)
{
	PlainView *plain = g_new0(PlainView, 1);

	plain->view.type = &plain_view_type;
	plain->color = color;
	return &plain->view;
}
