// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.h"

#include <string.h>

#include "terminal.h"

#define SIZES	 "xdpshark_packet_size_bytes"
#define DETACHED "xdpshark_detached"

/* Appends NAME="VALUE". Two values that differ remain different: what is no text, controls the
 * terminal or begins such an escape is %XX, as in the names of interfaces. */
static void append_label(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, "%s%s=\"", out->str[out->len - 1] == '{' ? "" : ",", name);
	while (*value) {
		gunichar character = g_utf8_get_char_validated(value, -1);
		gboolean valid = character != (gunichar)-1 && character != (gunichar)-2;
		const char *next = valid ? g_utf8_next_char(value) : value + 1;

		if (!valid || character == '%' || !terminal_shows(character))
			for (; value < next; value++)
				g_string_append_printf(out, "%%%02X", (guchar)*value);
		else if (character == '"' || character == '\\')
			g_string_append_printf(out, "\\%c", (char)character);
		else
			g_string_append_unichar(out, character);
		value = next;
	}
	g_string_append_c(out, '"');
}

static char *format_labels(const TallyPoint *counted, guint verdict)
{
	g_autofree char *hook = tally_hook(counted), *programs = tally_programs(counted),
			*interfaces = tally_interfaces(counted);
	GString *text = g_string_new("{");

	append_label(text, "hook", hook);
	append_label(text, "program", programs);
	append_label(text, "interface", interfaces);
	append_label(text, "action", tally_verdict_name(counted, verdict));
	g_string_append_c(text, '}');
	return g_string_free(text, FALSE);
}

typedef void AppendSamples(GString *out, const TallyPoint *counted, guint verdict,
			   const char *labels);

static void append_sizes(GString *out, const TallyPoint *counted, guint verdict, const char *labels)
{
	const TallyCount *total = &counted->total.verdicts[verdict];

	g_string_append_printf(out,
			       SIZES "_count%s %" G_GUINT64_FORMAT "\n" SIZES
				     "_sum%s %" G_GUINT64_FORMAT "\n",
			       labels, total->packets, labels, total->bytes);
}

static void append_detached(GString *out, const TallyPoint *counted, guint verdict,
			    const char *labels)
{
	g_string_append_printf(out, DETACHED "%s %u\n", labels, counted->absent >> verdict & 1);
}

static void append_family(GString *out, const Tally *tally, AppendSamples *append)
{
	for (guint i = 0; i < tally->points->len; i++) {
		const TallyPoint *counted = g_ptr_array_index(tally->points, i);

		for (guint verdict = 0; counted->attached && verdict < XDPSHARK_VERDICT_SLOTS;
		     verdict++) {
			g_autofree char *labels = NULL;

			if (!tally_shows(counted, verdict))
				continue;
			labels = format_labels(counted, verdict);
			append(out, counted, verdict, labels);
		}
	}
}

char *metrics_format(const Tally *tally)
{
	GString *out = g_string_new(NULL);

	g_string_append(out, "# HELP " SIZES " Packets at XDP by what was done with them: how many "
			     "(_count) and their bytes (_sum), since xdpshark was started.\n"
			     "# TYPE " SIZES " summary\n"
			     "# UNIT " SIZES " bytes\n");
	append_family(out, tally, append_sizes);
	g_string_append(out, "# HELP " DETACHED " Whether packets are not counted at the moment, "
			     "since something else is in the hook's slot.\n"
			     "# TYPE " DETACHED " gauge\n");
	append_family(out, tally, append_detached);
	g_string_append(out, "# EOF\n");
	return g_string_free(out, FALSE);
}
