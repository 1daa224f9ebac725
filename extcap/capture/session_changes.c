// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_changes.h"

#include <string.h>

#include "monotonic.h"
#include "point_filter.h"
#include "point_variant.h"

#define NS_PER_SECOND G_GUINT64_CONSTANT(1000000000)

/* Bytes of all notes: a comment in the file has at most 65,535. */
#define NOTES_MAX 32768

/* libpcap compiles in a thread, since it may take seconds. This is all that the thread knows. */
typedef struct {
	SessionChanges *changes; /* NULL: nobody waits for it any more */
	Point *point;
	char *text;
	char *excluded;	     /* NULL: no packets are left out besides */
	Exclusion exclusion; /* then with that text */
	PointFilter *filter; /* NULL: error */
	GError *error;
} Compilation;

struct SessionChanges {
	Changes base;
	ChangesCapture capture;
	ChangesSetting begun;	/* being made, if it is in work */
	PointFilter *filter;	/* with which */
	GPtrArray *texts;	/* char *, of all filters so far: the index is the version */
	gboolean in_work;	/* from begun on until it is made or refused */
	gboolean unsent;	/* xdpshark-hookd was busy */
	Compilation *compiling; /* or NULL */
	GString *notes;
};

static char *format_time(const SessionChanges *changes)
{
	guint64 now = clock_realtime(changes->capture.clock, monotonic_now());
	g_autoptr(GDateTime) seconds = g_date_time_new_from_unix_utc((gint64)(now / NS_PER_SECOND));
	g_autofree char *text = g_date_time_format(seconds, "%Y-%m-%dT%H:%M:%S");

	return g_strdup_printf("%s.%03uZ", text, (guint)(now % NS_PER_SECOND / 1000000));
}

static void note(SessionChanges *changes)
{
	const Point *point = stream_point(changes->capture.stream, 0);
	g_autofree char *what = changes_describe(&changes->base.now, &changes->begun, point->type);
	g_autofree char *time = format_time(changes);

	g_message("%s %s: changed: %s", point->type->noun, point->address, what);
	if (changes->notes->len + strlen(what) < NOTES_MAX)
		g_string_append_printf(changes->notes, "%s%s %s",
				       changes->notes->len ? "\n" : "changed during the capture:\n",
				       time, what);
}

/* The change is made, or, with error, refused. */
static void end(SessionChanges *changes, const GError *error)
{
	changes->in_work = changes->unsent = FALSE;
	if (!error) {
		note(changes);
		if (changes->filter) {
			point_filter_free(changes->capture.filters->pdata[0]);
			changes->capture.filters->pdata[0] = g_steal_pointer(&changes->filter);
		}
		changes_setting_copy(&changes->base.now, &changes->begun);
	} else {
		changes->base.refused = changes->begun.number;
		changes_setting_forget(&changes->base.wanted, &changes->base.now, &changes->begun);
	}
	g_clear_pointer(&changes->filter, point_filter_free);
	changes_end(&changes->base, error);
}

/* The version of the filter with that text. Only the low 8 bits reach the packets. */
static guint32 find_version(SessionChanges *changes, const char *text)
{
	const Exclusion *exclusion = changes->capture.exclusion;
	g_autofree char *described = NULL;
	guint count = changes->texts->len;

	for (guint i = count; i-- > 0 && count - i <= G_MAXUINT8;)
		if (strcmp(g_ptr_array_index(changes->texts, i), text) == 0)
			return i;
	g_ptr_array_add(changes->texts, g_strdup(text));
	described = exclusion ? exclusion_describe(exclusion, text) : g_strdup(text);
	stream_add_filter(changes->capture.stream, 0, count, described);
	return count;
}

/* Sends what is begun. */
static void send(SessionChanges *changes)
{
	const ChangesSetting *to = &changes->begun;
	SessionRequest change = { .sample = to->sample, .paused = to->paused };

	if (!changes_setting_same_programs(&changes->base.now, to)) {
		const PointFilter *filter =
			changes->filter ? changes->filter : changes->capture.filters->pdata[0];

		change.filter = filter->filter->code;
		change.filter_length = filter->filter->length;
		change.verdicts = to->verdicts;
		/* Its packets may come before the answer. */
		change.version = find_version(changes, to->filter);
	}
	changes->unsent = !broker_session_change(changes->capture.session, &change);
}

static void compilation_free(Compilation *compilation)
{
	point_free(compilation->point);
	point_filter_free(compilation->filter);
	g_clear_error(&compilation->error);
	g_free(compilation->text);
	g_free(compilation->excluded);
	g_free(compilation);
}

static void refuse_filter(SessionChanges *changes, Compilation *compilation)
{
	filter_error_quote(&compilation->error, compilation->text);
	end(changes, compilation->error);
}

/* In the main thread again. */
static gboolean on_compiled(gpointer data)
{
	Compilation *compilation = data;
	SessionChanges *changes = compilation->changes;

	if (changes) {
		changes->compiling = NULL;
		changes->filter = g_steal_pointer(&compilation->filter);
		if (changes->filter)
			send(changes);
		else
			refuse_filter(changes, compilation);
		if (!changes->in_work)
			session_changes_continue(changes);
	}
	compilation_free(compilation);
	return G_SOURCE_REMOVE;
}

static gpointer compile(gpointer data)
{
	Compilation *compilation = data;

	compilation->filter = point_filter_new(
		compilation->point, compilation->text,
		compilation->excluded ? &compilation->exclusion : NULL, NULL, &compilation->error);
	g_idle_add(on_compiled, compilation);
	return NULL;
}

static Point *copy_point(const Point *point)
{
	g_autoptr(GVariant) variant = g_variant_ref_sink(point_to_variant(point));

	return point_from_variant(variant);
}

static void start_compiling(SessionChanges *changes)
{
	const Exclusion *exclusion = changes->capture.exclusion;
	Compilation *compilation = g_new0(Compilation, 1);
	g_autoptr(GError) error = NULL;
	GThread *thread;

	compilation->changes = changes;
	compilation->point = copy_point(stream_point(changes->capture.stream, 0));
	compilation->text = g_strdup(changes->begun.filter);
	/* It may outlive the capture. */
	if (exclusion) {
		compilation->excluded = g_strdup(exclusion->text);
		compilation->exclusion = *exclusion;
		compilation->exclusion.text = compilation->excluded;
	}
	changes->compiling = compilation;
	thread = g_thread_try_new("filter", compile, compilation, &error);
	if (thread) {
		g_thread_unref(thread);
		return;
	}
	changes->compiling = NULL;
	compilation_free(compilation);
	end(changes, error);
}

void session_changes_continue(SessionChanges *changes)
{
	if (changes->unsent)
		send(changes);
	while (!changes->in_work &&
	       !changes_setting_is_same(&changes->base.now, &changes->base.wanted)) {
		changes_setting_copy(&changes->begun, &changes->base.wanted);
		changes->in_work = TRUE;
		if (strcmp(changes->base.now.filter, changes->begun.filter) != 0)
			start_compiling(changes);
		else
			send(changes);
	}
}

static void ask(Changes *base, const ChangesSetting *wanted)
{
	SessionChanges *changes = (SessionChanges *)base;

	changes_setting_copy(&changes->base.wanted, wanted);
	if (changes->compiling && strcmp(wanted->filter, changes->begun.filter) == 0) {
		changes_setting_copy(&changes->begun, wanted);
	} else if (changes->compiling) {
		changes->compiling->changes = NULL;
		changes->compiling = NULL;
		changes->in_work = FALSE;
	}
	session_changes_continue(changes);
}

gboolean session_changes_answered(SessionChanges *changes, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (!broker_take_change(changes->capture.broker, &reason) &&
	    reason->domain == BROKER_ERROR) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	end(changes, reason);
	return TRUE;
}

void session_changes_finish(SessionChanges *changes)
{
	changes_observe(&changes->base, NULL, NULL);
	if (broker_asked(changes->capture.broker) == BROKER_CHANGING)
		session_changes_answered(changes, NULL);
	if (changes->notes->len > 0)
		stream_set_changes(changes->capture.stream, 0, changes->notes->str);
}

SessionChanges *session_changes_new(const ChangesCapture *capture, const ChangesSetting *setting)
{
	const Point *point = stream_point(capture->stream, 0);
	SessionChanges *changes = g_new0(SessionChanges, 1);

	changes_init(&changes->base, ask, point->type, point->slots.count, setting);
	changes->capture = *capture;
	changes->notes = g_string_new(NULL);
	changes->texts = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(changes->texts, g_strdup(setting->filter));
	return changes;
}

void session_changes_free(SessionChanges *changes)
{
	if (!changes)
		return;
	if (changes->compiling)
		changes->compiling->changes = NULL;
	point_filter_free(changes->filter);
	changes_clear(&changes->base);
	changes_setting_clear(&changes->begun);
	g_string_free(changes->notes, TRUE);
	g_ptr_array_unref(changes->texts);
	g_free(changes);
}

Changes *session_changes_base(SessionChanges *changes)
{
	return changes ? &changes->base : NULL;
}
