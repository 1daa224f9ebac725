// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include "action.h"

typedef guint64 Sum(const ReaderCounts *counts, guint actions);

static void append_sum(GString *text, const char *name, Sum *sum, const ReaderCounts *counts)
{
	const char *separator = " (";

	g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT, text->len ? ", " : "", name,
			       sum(counts, ~0U));
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint64 value = sum(counts, 1U << action);

		if (value == 0)
			continue;
		g_string_append_printf(text, "%s%s %" G_GUINT64_FORMAT, separator,
				       action_name(action), value);
		separator = ", ";
	}
	if (separator[0] == ',')
		g_string_append_c(text, ')');
}

char *status_format(const ReaderCounts *counts)
{
	GString *text = g_string_new(NULL);

	append_sum(text, "received", reader_counts_received, counts);
	append_sum(text, "matched", reader_counts_matched, counts);
	append_sum(text, "lost", reader_counts_lost, counts);
	return g_string_free(text, FALSE);
}

void status_add(ReaderCounts *sum, const ReaderCounts *counts)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++)
			sum->outcomes[action][outcome] += counts->outcomes[action][outcome];
}
