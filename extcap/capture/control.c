// SPDX-License-Identifier: GPL-2.0-or-later
#include "control.h"

#include "change_message.h"

struct Control {
	Changes *changes;
	GString *message; /* what has come of one */
	gboolean too_long;
};

static void answer(guint32 number, const GError *error)
{
	g_autofree char *line = change_answer_format(number, error);

	g_printerr("%s\n", line);
}

/* A ChangesFunc. Of several that were asked, the last is made, or refused, with the others. */
static void on_change(const GError *error, gpointer data)
{
	const Control *control = data;
	const Changes *changes = control->changes;

	answer(error ? changes->refused : changes->now.number, error);
}

Control *control_new(Changes *changes)
{
	Control *control = g_new0(Control, 1);
	g_autofree char *line = change_offer_format(changes);

	control->changes = changes;
	control->message = g_string_new(NULL);
	changes_observe(changes, on_change, control);
	g_printerr("%s\n", line);
	return control;
}

void control_free(Control *control)
{
	if (!control)
		return;
	changes_observe(control->changes, NULL, NULL);
	g_string_free(control->message, TRUE);
	g_free(control);
}

static void take_message(const Control *control, const char *text)
{
	Changes *changes = control->changes;
	ChangesSetting wanted = { 0 };
	guint32 known = (guint32)((G_GUINT64_CONSTANT(1) << changes->source->verdict_count) - 1);

	changes_setting_copy(&wanted, &changes->wanted);
	if (!change_message_parse(text, &wanted)) {
		g_warning("what standard input brings is not understood");
	} else if (!(changes->source->options & SOURCE_HAS_EXCHANGE) &&
		   !changes_setting_same_programs(&wanted, &changes->wanted)) {
		g_warning("a filter for a capture that keeps its own is ignored");
	} else if (wanted.verdicts & known) {
		wanted.verdicts &= known;
		changes_ask(changes, &wanted);
		/* Nothing is left to do, and nobody will say so. */
		if (changes->now.number != wanted.number &&
		    changes_setting_is_same(&changes->now, &wanted)) {
			changes->now.number = wanted.number;
			answer(wanted.number, NULL);
		}
	}
	changes_setting_clear(&wanted);
}

void control_take(Control *control, const char *bytes, gsize length)
{
	GString *message = control->message;

	for (gsize i = 0; i < length; i++) {
		if (bytes[i] == '\0') {
			if (!control->too_long)
				take_message(control, message->str);
			control->too_long = FALSE;
			g_string_truncate(message, 0);
		} else if (message->len >= CHANGE_MESSAGE_MAX) {
			control->too_long = TRUE;
		} else if (bytes[i] != '\n') {
			g_string_append_c(message, bytes[i]);
		}
	}
}
