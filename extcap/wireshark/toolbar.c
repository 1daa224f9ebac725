// SPDX-License-Identifier: GPL-2.0-or-later
#include "toolbar.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "place.h"
#include "status.h"
#include "toolbar_pipe.h"

#define SECOND_MS 1000

/* As in the table of options. */
#define SAMPLE_MAX 1000000000

#define HELP_PLACE XDPSHARK_DOC_PLACE "/docs/dialog.html"

/* In the order in which Wireshark shows them. The actions' are from CONTROL_ACTIONS on. */
enum {
	CONTROL_FILTER,
	CONTROL_SAMPLE,
	CONTROL_PAUSE,
	CONTROL_LOG,
	CONTROL_HELP,
	CONTROL_ACTIONS,
};

/* How long it takes to read a line in the status bar. */
#define READING_US (G_GINT64_CONSTANT(3) * G_USEC_PER_SEC)

/* N of 1/N. */
static const guint32 samples[] = { 1, 10, 100, 1000, 10000 };

#define PAUSE_LABEL    "Pause"
#define CONTINUE_LABEL "Go on"

static const char help_text[] =
	"The toolbar changes a capture while it runs\n\n"
	"Filter: a capture filter, as in the main window. Enter puts it in place of the one "
	"before; "
	"no packet is lost or judged twice.\n"
	"ABORTED to REDIRECT: only packets with these actions are captured.\n"
	"Packets: of the packets that match, one of so many, chosen at random.\n"
	"Pause: no packet is captured until Go on; they are counted.\n"
	"Log: what xdpshark reports.\n\n"
	"What is set here holds for the running capture only. The status bar shows packets of the "
	"last second. More is in ";

struct Toolbar {
	ToolbarPipe *pipe;
	Capture *capture;
	Changes *changes;
	gboolean initialized; /* Wireshark has sent what its user has set before */
	ChangesSetting asked; /* until then: what that is */
	guint timer;
	gint64 counted_at; /* monotonic, in us */
	Counts counted;
	gboolean was_quiet; /* nothing has happened in the second before */
	gint64 counts_from; /* until then, the status bar has something else that is to be read */
};

static guint8 action_control(guint action)
{
	return (guint8)(CONTROL_ACTIONS + action);
}

/* "all", "1 of 10". */
static char *sample_label(guint32 sample)
{
	return sample <= 1 ? g_strdup("all") : g_strdup_printf("1 of %u", sample);
}

static void print_samples(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *label = sample_label(samples[i]);

		printf("value {control=%d}{value=%u}{display=%s}{default=%s}\n", CONTROL_SAMPLE,
		       samples[i], label, i == 0 ? "true" : "false");
	}
}

void toolbar_print_controls(void)
{
	const SourceType *type = source_types[0];

	printf("control {number=%d}{type=string}{display=Filter}{tooltip=Another capture filter "
	       "for the running capture (Enter: put it in force; empty: every packet)}"
	       "{placeholder=every packet}\n",
	       CONTROL_FILTER);
	for (guint i = 0; i < type->verdict_count; i++)
		printf("control {number=%u}{type=boolean}{display=%s}{tooltip=Capture packets of "
		       "this action: %s}{default=true}\n",
		       action_control(i), type->verdicts[i].name, type->verdicts[i].meaning);
	printf("control {number=%d}{type=selector}{display=Packets}{tooltip=Of the packets that "
	       "match, capture one of so many, chosen at random}\n",
	       CONTROL_SAMPLE);
	printf("control {number=%d}{type=button}{role=control}{display=" PAUSE_LABEL
	       "}{tooltip=Capture nothing for a while, and go on later}\n",
	       CONTROL_PAUSE);
	printf("control {number=%d}{type=button}{role=logger}{display=Log}{tooltip=What xdpshark "
	       "reports about the capture}\n",
	       CONTROL_LOG);
	printf("control {number=%d}{type=button}{role=control}{display=Help}{tooltip=What these "
	       "controls do}\n",
	       CONTROL_HELP);
	print_samples();
}

static void send_text(const Toolbar *toolbar, guint8 control, ToolbarCommand command,
		      const char *text)
{
	toolbar_pipe_send(toolbar->pipe, control, command, text, strlen(text));
}

/* Wireshark would set what its user has set once at the start of each further capture, too, against
 * the options of that. It forgets only what it is told to be something else. */
static void set_text(const Toolbar *toolbar, guint8 control, const char *text, const char *other)
{
	send_text(toolbar, control, TOOLBAR_SET, other);
	send_text(toolbar, control, TOOLBAR_SET, text);
}

static void set_flag(const Toolbar *toolbar, guint8 control, gboolean value)
{
	const guint8 is = value != 0, is_not = !value;

	toolbar_pipe_send(toolbar->pipe, control, TOOLBAR_SET, &is_not, 1);
	toolbar_pipe_send(toolbar->pipe, control, TOOLBAR_SET, &is, 1);
}

static void show_filter(const Toolbar *toolbar, const char *filter)
{
	g_autofree char *other = g_strconcat(filter, " ", NULL);

	set_text(toolbar, CONTROL_FILTER, filter, other);
}

static void show_sample(const Toolbar *toolbar, guint32 sample)
{
	g_autofree char *value = g_strdup_printf("%u", MAX(sample, 1));
	g_autofree char *label = sample_label(sample);
	g_autoptr(GByteArray) item = g_byte_array_new();
	gboolean listed = FALSE;

	for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
		listed |= samples[i] == MAX(sample, 1);
	if (!listed) {
		g_byte_array_append(item, (const guint8 *)value, strlen(value) + 1);
		g_byte_array_append(item, (const guint8 *)label, strlen(label));
		toolbar_pipe_send(toolbar->pipe, CONTROL_SAMPLE, TOOLBAR_ADD, item->data,
				  item->len);
	}
	set_text(toolbar, CONTROL_SAMPLE, value, sample <= 1 ? "10" : "1");
}

static void show_pause(const Toolbar *toolbar, gboolean paused)
{
	send_text(toolbar, CONTROL_PAUSE, TOOLBAR_SET, paused ? CONTINUE_LABEL : PAUSE_LABEL);
}

/* All but the filter. */
static void show_rest(const Toolbar *toolbar, const ChangesSetting *setting)
{
	show_sample(toolbar, setting->sample);
	show_pause(toolbar, setting->paused);
	for (guint i = 0; i < source_types[0]->verdict_count; i++)
		set_flag(toolbar, action_control(i), setting->verdicts >> i & 1);
}

static void show_status(const Toolbar *toolbar, const char *text)
{
	if (!toolbar_pipe_is_full(toolbar->pipe))
		send_text(toolbar, 0, TOOLBAR_STATUS, text);
}

/* A change was made, or refused: what was typed stays then, so that it can be mended. */
static void on_change(const GError *error, gpointer data)
{
	Toolbar *toolbar = data;
	g_autofree char *text = NULL, *valid = NULL;

	if (!error) {
		show_pause(toolbar, toolbar->changes->wanted.paused);
		show_status(toolbar, "XDP: the capture goes on as set in the toolbar");
		toolbar->counts_from = g_get_monotonic_time() + READING_US;
		return;
	}
	show_rest(toolbar, &toolbar->changes->wanted);
	g_message("refused, the capture goes on as before: %s", error->message);
	text = g_strdup_printf("%s\n\nThe capture goes on as before.", error->message);
	valid = g_utf8_make_valid(text, -1);
	send_text(toolbar, 0, TOOLBAR_WARNING, valid);
}

/* What the user has asked for so far. */
static ChangesSetting copy_wanted(const Toolbar *toolbar)
{
	ChangesSetting wanted = { 0 };

	changes_setting_copy(&wanted,
			     toolbar->initialized ? &toolbar->changes->wanted : &toolbar->asked);
	return wanted;
}

/* Takes over wanted. */
static void want(Toolbar *toolbar, ChangesSetting *wanted)
{
	if (toolbar->initialized)
		changes_ask(toolbar->changes, wanted);
	else
		changes_setting_copy(&toolbar->asked, wanted);
	changes_setting_clear(wanted);
}

static void take_filter(Toolbar *toolbar, const char *text)
{
	ChangesSetting wanted = copy_wanted(toolbar);
	gboolean valid = g_utf8_validate(text, -1, NULL);

	if (valid) {
		g_free(wanted.filter);
		wanted.filter = g_strstrip(g_strdup(text));
		show_filter(toolbar, wanted.filter);
	}
	want(toolbar, &wanted);
}

static void take_sample(Toolbar *toolbar, const char *text)
{
	ChangesSetting wanted = copy_wanted(toolbar);
	guint64 sample;

	if (g_ascii_string_to_unsigned(text, 10, 1, SAMPLE_MAX, &sample, NULL))
		wanted.sample = (guint32)sample;
	show_sample(toolbar, wanted.sample);
	want(toolbar, &wanted);
}

static void take_action(Toolbar *toolbar, guint action, gboolean ticked)
{
	ChangesSetting wanted = copy_wanted(toolbar);
	guint32 bit = 1U << action;
	guint32 verdicts = ticked ? wanted.verdicts | bit : wanted.verdicts & ~bit;

	if (verdicts != 0)
		wanted.verdicts = verdicts;
	else
		show_status(toolbar, "XDP: one action at least stays ticked; Pause captures none");
	set_flag(toolbar, action_control(action), wanted.verdicts & bit);
	want(toolbar, &wanted);
}

static void take_pause(Toolbar *toolbar)
{
	ChangesSetting wanted = copy_wanted(toolbar);

	wanted.paused = !wanted.paused;
	want(toolbar, &wanted);
}

static void send_help(const Toolbar *toolbar)
{
	g_autofree char *page = place_of(HELP_PLACE);
	g_autofree char *text = g_strconcat(help_text, page, NULL);

	send_text(toolbar, 0, TOOLBAR_INFORMATION, text);
}

static void disable(const Toolbar *toolbar, guint8 control)
{
	toolbar_pipe_send(toolbar->pipe, control, TOOLBAR_DISABLE, NULL, 0);
}

/* What cannot be changed, here or at all. */
static void disable_some(const Toolbar *toolbar)
{
	gboolean exchanges = toolbar->changes->source->options & SOURCE_HAS_EXCHANGE;
	guint slots = toolbar->changes->slots;

	if (!exchanges)
		disable(toolbar, CONTROL_FILTER);
	for (guint i = 0; i < source_types[0]->verdict_count; i++)
		if (!exchanges || (slots > 0 && i >= slots))
			disable(toolbar, action_control(i));
}

static gboolean on_second(gpointer data);

static void initialize(Toolbar *toolbar)
{
	ChangesSetting asked = toolbar->asked;

	if (toolbar->initialized)
		return;
	toolbar->asked = (ChangesSetting){ 0 };
	toolbar->initialized = TRUE;
	show_filter(toolbar, asked.filter);
	show_rest(toolbar, &asked);
	disable_some(toolbar);
	changes_ask(toolbar->changes, &asked);
	changes_setting_clear(&asked);
	toolbar->counted_at = g_get_monotonic_time();
	capture_count(toolbar->capture, &toolbar->counted);
	toolbar->timer = g_timeout_add(SECOND_MS, on_second, toolbar);
}

/* A ToolbarPipeFunc. What is unknown may be a later Wireshark's. */
static void on_message(guint8 control, guint8 command, const char *payload, gsize length,
		       gpointer data)
{
	Toolbar *toolbar = data;
	gboolean exchanges = toolbar->changes->source->options & SOURCE_HAS_EXCHANGE;
	guint actions = source_types[0]->verdict_count;

	if (command == TOOLBAR_INITIALIZED)
		initialize(toolbar);
	if (command != TOOLBAR_SET)
		return;
	if (control == CONTROL_FILTER && exchanges)
		take_filter(toolbar, payload);
	else if (control == CONTROL_SAMPLE)
		take_sample(toolbar, payload);
	else if (control == CONTROL_PAUSE)
		take_pause(toolbar);
	else if (control == CONTROL_HELP)
		send_help(toolbar);
	else if (control >= CONTROL_ACTIONS && control < CONTROL_ACTIONS + actions && exchanges)
		take_action(toolbar, control - CONTROL_ACTIONS, length > 0 && payload[0] != 0);
}

static void on_log(GLogLevelFlags level G_GNUC_UNUSED, const char *line, gpointer data)
{
	const Toolbar *toolbar = data;
	g_autofree char *valid = g_utf8_make_valid(line, -1);

	if (!toolbar_pipe_is_full(toolbar->pipe))
		send_text(toolbar, CONTROL_LOG, TOOLBAR_ADD, valid);
}

/* Shows what was counted in the last second, or since a change was shown, but no second nothing in
 * a row. */
static gboolean on_second(gpointer data)
{
	Toolbar *toolbar = data;
	gint64 now = g_get_monotonic_time(), elapsed = MAX(now - toolbar->counted_at, 1);
	Counts counts, rates;
	g_autofree char *text = NULL, *line = NULL;
	gboolean quiet;

	if (now < toolbar->counts_from)
		return G_SOURCE_CONTINUE;
	capture_count(toolbar->capture, &counts);
	counts_rate(&counts, &toolbar->counted, (guint64)elapsed, &rates);
	quiet = memcmp(&counts, &toolbar->counted, sizeof(counts)) == 0;
	toolbar->counted = counts;
	toolbar->counted_at = now;
	if (quiet && toolbar->was_quiet)
		return G_SOURCE_CONTINUE;
	toolbar->was_quiet = quiet;
	text = status_format(&rates, toolbar->changes->source);
	line = g_strdup_printf("XDP, packets a second%s: %s",
			       toolbar->changes->now.paused ? " (paused)" : "", text);
	show_status(toolbar, line);
	return G_SOURCE_CONTINUE;
}

/* For a capture that cannot be changed. */
static void disable_all(const Pipes *pipes)
{
	static const char why[] = "XDP: this capture cannot be changed while it runs";
	ToolbarPipe *pipe = toolbar_pipe_new(pipes->control, pipes->toolbar, NULL, NULL);

	toolbar_pipe_send(pipe, 0, TOOLBAR_STATUS, why, strlen(why));

	for (guint8 control = 0; control < action_control(source_types[0]->verdict_count);
	     control++)
		toolbar_pipe_send(pipe, control, TOOLBAR_DISABLE, NULL, 0);
	toolbar_pipe_free(pipe);
}

Toolbar *toolbar_new(const Pipes *pipes, Capture *capture)
{
	Changes *changes = capture_changes(capture);
	Toolbar *toolbar;

	if (pipes->control < 0 || pipes->toolbar < 0)
		return NULL;
	if (!changes) {
		disable_all(pipes);
		return NULL;
	}
	toolbar = g_new0(Toolbar, 1);
	toolbar->capture = capture;
	toolbar->changes = changes;
	toolbar->was_quiet = TRUE;
	changes_setting_copy(&toolbar->asked, &changes->now);
	toolbar->pipe = toolbar_pipe_new(pipes->control, pipes->toolbar, on_message, toolbar);
	changes_observe(changes, on_change, toolbar);
	/* That of the capture before is forgotten. */
	toolbar_pipe_send(toolbar->pipe, CONTROL_LOG, TOOLBAR_SET, NULL, 0);
	log_observe(on_log, toolbar);
	return toolbar;
}

void toolbar_free(Toolbar *toolbar)
{
	if (!toolbar)
		return;
	log_observe(NULL, NULL);
	changes_observe(toolbar->changes, NULL, NULL);
	g_clear_handle_id(&toolbar->timer, g_source_remove);
	toolbar_pipe_free(toolbar->pipe);
	changes_setting_clear(&toolbar->asked);
	g_free(toolbar);
}
