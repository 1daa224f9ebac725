// SPDX-License-Identifier: GPL-2.0-or-later
#include "changes.h"

#include <string.h>

#include "monotonic.h"
#include "point_variant.h"

/* Bytes of a filter that an error message shows. */
#define FILTER_SHOWN 60

#define NS_PER_SECOND G_GUINT64_CONSTANT(1000000000)

/* Bytes of all notes: a comment in the file has at most 65,535. */
#define NOTES_MAX 32768

/* libpcap compiles in a thread, since it may take seconds. This is all that the thread knows. */
typedef struct {
	Changes *changes; /* NULL: nobody waits for it any more */
	Point *point;
	char *text;
	PointFilter *filter; /* NULL: error */
	GError *error;
} Compilation;

struct Changes {
	ChangesCapture capture;
	ChangesSetting now;	/* in force */
	ChangesSetting wanted;	/* asked for last */
	ChangesSetting begun;	/* being made, if it is in work */
	PointFilter *filter;	/* with which */
	GPtrArray *texts;	/* char *, of all filters so far: the index is the version */
	gboolean in_work;	/* from begun on until it is made or refused */
	gboolean unsent;	/* xdpshark-hookd was busy */
	Compilation *compiling; /* or NULL */
	GString *notes;
	ChangesFunc *func;
	gpointer data;
};

void changes_setting_copy(ChangesSetting *to, const ChangesSetting *from)
{
	char *filter = g_strdup(from->filter);

	changes_setting_clear(to);
	*to = *from;
	to->filter = filter;
}

void changes_setting_clear(ChangesSetting *setting)
{
	g_clear_pointer(&setting->filter, g_free);
}

static gboolean has_same_programs(const ChangesSetting *one, const ChangesSetting *other)
{
	return strcmp(one->filter, other->filter) == 0 && one->verdicts == other->verdicts;
}

static gboolean is_same(const ChangesSetting *one, const ChangesSetting *other)
{
	return has_same_programs(one, other) && one->sample == other->sample &&
	       one->paused == other->paused;
}

Changes *changes_new(const ChangesCapture *capture, const ChangesSetting *setting)
{
	Changes *changes = g_new0(Changes, 1);

	changes->capture = *capture;
	changes->notes = g_string_new(NULL);
	changes->texts = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(changes->texts, g_strdup(setting->filter));
	changes_setting_copy(&changes->now, setting);
	changes_setting_copy(&changes->wanted, setting);
	return changes;
}

void changes_free(Changes *changes)
{
	if (!changes)
		return;
	if (changes->compiling)
		changes->compiling->changes = NULL;
	point_filter_free(changes->filter);
	changes_setting_clear(&changes->now);
	changes_setting_clear(&changes->wanted);
	changes_setting_clear(&changes->begun);
	g_string_free(changes->notes, TRUE);
	g_ptr_array_unref(changes->texts);
	g_free(changes);
}

void changes_observe(Changes *changes, ChangesFunc *func, gpointer data)
{
	changes->func = func;
	changes->data = data;
}

const ChangesSetting *changes_setting(const Changes *changes)
{
	return &changes->now;
}

const ChangesSetting *changes_wanted(const Changes *changes)
{
	return &changes->wanted;
}

/* What has changed, for the file and the log: "filter: udp; paused". */
static char *describe(const ChangesSetting *from, const ChangesSetting *to, const SourceType *type)
{
	GString *text = g_string_new(NULL);

	if (strcmp(from->filter, to->filter) != 0)
		g_string_append_printf(text, "; filter: %s",
				       *to->filter ? to->filter : "(every packet)");
	if (from->verdicts != to->verdicts) {
		const char *separator = "; actions: ";

		for (guint i = 0; i < type->verdict_count; i++) {
			if (to->verdicts != 0 && !(to->verdicts >> i & 1))
				continue;
			g_string_append_printf(text, "%s%s", separator, type->verdicts[i].name);
			separator = ", ";
		}
	}
	if (from->sample != to->sample)
		g_string_append_printf(text, "; sample: 1 of %u", MAX(to->sample, 1));
	if (from->paused != to->paused)
		g_string_append(text, to->paused ? "; paused" : "; goes on");
	if (text->len > 0)
		g_string_erase(text, 0, strlen("; "));
	return g_string_free(text, FALSE);
}

static char *format_time(const Changes *changes)
{
	guint64 now = clock_realtime(changes->capture.clock, monotonic_now());
	g_autoptr(GDateTime) seconds = g_date_time_new_from_unix_utc((gint64)(now / NS_PER_SECOND));
	g_autofree char *text = g_date_time_format(seconds, "%Y-%m-%dT%H:%M:%S");

	return g_strdup_printf("%s.%03uZ", text, (guint)(now % NS_PER_SECOND / 1000000));
}

static void note(Changes *changes)
{
	const Point *point = stream_point(changes->capture.stream, 0);
	g_autofree char *what = describe(&changes->now, &changes->begun, point->type);
	g_autofree char *time = format_time(changes);

	g_message("%s %s: changed: %s", point->type->noun, point->address, what);
	if (changes->notes->len + strlen(what) < NOTES_MAX)
		g_string_append_printf(changes->notes, "%s%s %s",
				       changes->notes->len ? "\n" : "changed during the capture:\n",
				       time, what);
}

/* Of a change that was refused nothing is wanted any more, but what was asked for since is. */
static void forget_refused(Changes *changes)
{
	ChangesSetting *wanted = &changes->wanted;
	const ChangesSetting *now = &changes->now, *refused = &changes->begun;

	if (has_same_programs(now, refused)) {
		wanted->sample = now->sample;
		wanted->paused = now->paused;
		return;
	}
	if (wanted->verdicts == refused->verdicts)
		wanted->verdicts = now->verdicts;
	if (strcmp(wanted->filter, refused->filter) != 0)
		return;
	g_free(wanted->filter);
	wanted->filter = g_strdup(now->filter);
}

/* The change is made, or, with error, refused. */
static void end(Changes *changes, const GError *error)
{
	changes->in_work = changes->unsent = FALSE;
	if (!error) {
		note(changes);
		if (changes->filter) {
			point_filter_free(changes->capture.filters->pdata[0]);
			changes->capture.filters->pdata[0] = g_steal_pointer(&changes->filter);
		}
		changes_setting_copy(&changes->now, &changes->begun);
	} else {
		forget_refused(changes);
	}
	g_clear_pointer(&changes->filter, point_filter_free);
	if (changes->func)
		changes->func(error, changes->data);
}

/* The version of the filter with that text. Only the low 8 bits reach the packets. */
static guint32 find_version(Changes *changes, const char *text)
{
	guint count = changes->texts->len;

	for (guint i = count; i-- > 0 && count - i <= G_MAXUINT8;)
		if (strcmp(g_ptr_array_index(changes->texts, i), text) == 0)
			return i;
	g_ptr_array_add(changes->texts, g_strdup(text));
	stream_add_filter(changes->capture.stream, 0, count, text);
	return count;
}

/* Sends what is begun. */
static void send(Changes *changes)
{
	const ChangesSetting *to = &changes->begun;
	SessionRequest change = { .sample = to->sample, .paused = to->paused };

	if (!has_same_programs(&changes->now, to)) {
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
	g_free(compilation);
}

static void refuse_filter(Changes *changes, Compilation *compilation)
{
	const char *text = compilation->text;

	if (compilation->error->domain == FILTER_ERROR)
		g_prefix_error(&compilation->error, "capture filter \"%.*s%s\": ", FILTER_SHOWN,
			       text, strlen(text) > FILTER_SHOWN ? "..." : "");
	end(changes, compilation->error);
}

/* In the main thread again. */
static gboolean on_compiled(gpointer data)
{
	Compilation *compilation = data;
	Changes *changes = compilation->changes;

	if (changes) {
		changes->compiling = NULL;
		changes->filter = g_steal_pointer(&compilation->filter);
		if (changes->filter)
			send(changes);
		else
			refuse_filter(changes, compilation);
		if (!changes->in_work)
			changes_continue(changes);
	}
	compilation_free(compilation);
	return G_SOURCE_REMOVE;
}

static gpointer compile(gpointer data)
{
	Compilation *compilation = data;

	compilation->filter = point_filter_new(compilation->point, compilation->text, NULL, NULL,
					       &compilation->error);
	g_idle_add(on_compiled, compilation);
	return NULL;
}

static Point *copy_point(const Point *point)
{
	g_autoptr(GVariant) variant = g_variant_ref_sink(point_to_variant(point));

	return point_from_variant(variant);
}

static void start_compiling(Changes *changes)
{
	Compilation *compilation = g_new0(Compilation, 1);
	g_autoptr(GError) error = NULL;
	GThread *thread;

	compilation->changes = changes;
	compilation->point = copy_point(stream_point(changes->capture.stream, 0));
	compilation->text = g_strdup(changes->begun.filter);
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

void changes_continue(Changes *changes)
{
	if (changes->unsent)
		send(changes);
	while (!changes->in_work && !is_same(&changes->now, &changes->wanted)) {
		changes_setting_copy(&changes->begun, &changes->wanted);
		changes->in_work = TRUE;
		if (strcmp(changes->now.filter, changes->begun.filter) != 0)
			start_compiling(changes);
		else
			send(changes);
	}
}

void changes_ask(Changes *changes, const ChangesSetting *wanted)
{
	changes_setting_copy(&changes->wanted, wanted);
	if (changes->compiling && strcmp(wanted->filter, changes->begun.filter) == 0) {
		changes_setting_copy(&changes->begun, wanted);
	} else if (changes->compiling) {
		changes->compiling->changes = NULL;
		changes->compiling = NULL;
		changes->in_work = FALSE;
	}
	changes_continue(changes);
}

gboolean changes_answered(Changes *changes, GError **error)
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

void changes_finish(Changes *changes)
{
	changes->func = NULL;
	if (broker_is_changing(changes->capture.broker))
		changes_answered(changes, NULL);
	if (changes->notes->len > 0)
		stream_set_changes(changes->capture.stream, 0, changes->notes->str);
}
