// SPDX-License-Identifier: GPL-2.0-or-later
#include "detached.h"

#include "action.h"
#include "json.h"
#include "kernel_bpf.h"

#define NS_PER_SECOND G_GUINT64_CONSTANT(1000000000)
#define NS_PER_MS     G_GUINT64_CONSTANT(1000000)

struct Detached {
	char *path;
	DetachedSetting setting;
	Attachment known; /* reported last */
};

Detached *detached_new(const char *path, const DetachedSetting *setting)
{
	Detached *detached = g_new0(Detached, 1);

	detached->path = g_strdup(path);
	detached->setting = *setting;
	return detached;
}

void detached_free(Detached *detached)
{
	if (!detached)
		return;
	g_free(detached->path);
	g_free(detached);
}

/* All of these are warnings: the file is not what its user thinks it is. */
static void G_GNUC_PRINTF(2, 3) warn(const Detached *detached, const char *format, ...)
{
	g_autofree char *text = NULL, *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	line = g_strdup_printf("hook %s: %s", detached->path, text);
	detached->setting.report(G_LOG_LEVEL_WARNING, line, detached->setting.data);
}

static gboolean is_absent(const Absence *absence)
{
	return absence->times > 0 && absence->state != SLOT_CAPTURED;
}

static gdouble seconds_of(guint64 ns)
{
	return (gdouble)ns / (gdouble)NS_PER_SECOND;
}

/* "14:05:09", in local time. */
static char *format_time(const Detached *detached, guint64 monotonic)
{
	guint64 realtime = clock_realtime(detached->setting.clock, monotonic);
	g_autoptr(GDateTime) time =
		g_date_time_new_from_unix_local((gint64)(realtime / NS_PER_SECOND));

	return time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("?");
}

/* By SlotState: what has happened to a slot, and what comes next. */
static const struct {
	const char *text;
	const char *outlook;
} causes[SLOT_STATES] = {
	[SLOT_UNUSED] = { "is not captured", "" },
	[SLOT_CAPTURED] = { "is captured", "" },
	[SLOT_EMPTY] = { "was emptied by somebody", "our program is put back as soon as possible" },
	[SLOT_OVERWRITTEN] = { "was overwritten with",
			       "this capture comes back when that program has gone; with "
			       "--share-foreign it would go before it" },
	[SLOT_CUT_OFF] = { "has other captures, but not this one any more, which was cut off",
			   "our program is put back as soon as possible" },
	[SLOT_UNREADABLE] = { "cannot be read",
			      "whether this capture is still in it is not known" },
	[SLOT_LEFT] = { "of the old hook was left, and that of the new one was taken meanwhile",
			"this capture goes there as soon as possible" },
};

/* "slot DROP was overwritten with program 7 (fw), which is not xdpshark's" */
static char *format_cause(guint action, const Absence *absence)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, "slot %s %s", action_name(action), causes[absence->cause].text);
	if (absence->cause == SLOT_OVERWRITTEN)
		g_string_append_printf(text, " program %u (%s), which is not xdpshark's",
				       absence->program_id,
				       *absence->program_name ? absence->program_name : "unnamed");
	else if (absence->reason && absence->cause == SLOT_UNREADABLE)
		g_string_append_printf(text, ": %s", g_strerror((int)absence->reason));
	return g_string_free(text, FALSE);
}

/* What can be done, or what comes next. */
static char *format_outlook(const Detached *detached, const Absence *absence, gboolean frozen)
{
	if (frozen)
		return g_strdup("the hook's map is frozen, and nothing can be put back");
	if (absence->cause == SLOT_OVERWRITTEN && detached->setting.share_foreign)
		return g_strdup(causes[SLOT_EMPTY].outlook);
	if (absence->reason && absence->cause != SLOT_UNREADABLE)
		return g_strdup_printf("%s (last tried in vain: %s)",
				       causes[absence->cause].outlook,
				       g_strerror((int)absence->reason));
	return g_strdup(causes[absence->cause].outlook);
}

static void report_lost(const Detached *detached, guint action, const Absence *now, gboolean frozen)
{
	g_autofree char *cause = format_cause(action, now);
	g_autofree char *outlook = format_outlook(detached, now, frozen);
	g_autofree char *since = format_time(detached, now->since);

	warn(detached, "%s; packets are missing since %s: %s", cause, since, outlook);
}

/* It was absent and is back, and neither was reported. */
static void report_gap(const Detached *detached, guint action, const Absence *now, guint32 times)
{
	g_autofree char *cause = format_cause(action, now);
	g_autofree char *since = format_time(detached, now->until);
	g_autofree char *others =
		times > 1 ? g_strdup_printf(" (%u times in all)", now->times) : NULL;

	warn(detached,
	     "%s; our program was put back after %.1f s; packets in between are missing; captured "
	     "again since %s%s",
	     cause, seconds_of(now->until - now->since), since, others ? others : "");
}

static void report_back(const Detached *detached, guint action, const Absence *now)
{
	g_autofree char *since = format_time(detached, now->until);

	warn(detached,
	     "slot %s is captured again since %s, after %.1f s; packets in between are missing",
	     action_name(action), since, seconds_of(now->until - now->since));
}

static void report_action(const Detached *detached, guint action, const Absence *now,
			  gboolean frozen)
{
	const Absence *before = &detached->known.absences[action];
	gboolean is_new = now->times != before->times;

	if (is_new && is_absent(before))
		report_back(detached, action,
			    &(Absence){ .since = before->since, .until = now->since });
	if (is_new && !is_absent(now))
		report_gap(detached, action, now, now->times - before->times);
	else if (is_absent(now) &&
		 (is_new || now->cause != before->cause || now->program_id != before->program_id))
		report_lost(detached, action, now, frozen);
	else if (!is_new && is_absent(before) && !is_absent(now))
		report_back(detached, action, now);
}

/* "DROP, PASS" */
static char *format_actions(guint actions)
{
	GString *text = g_string_new(NULL);

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (actions >> action & 1)
			g_string_append_printf(text, "%s%s", text->len ? ", " : "",
					       action_name(action));
	return g_string_free(text, FALSE);
}

void detached_start(const Detached *detached, const Point *point)
{
	if (point->type == &source_hook && point->programs_known && point->devices->len == 0)
		warn(detached, "no device leads to it at present: no packets come until its "
			       "program is attached to one");
	if (point->slots.count > 0 && point->slots.count <= XDP_REDIRECT &&
	    (detached->setting.actions == 0 || detached->setting.actions >> XDP_REDIRECT & 1))
		warn(detached,
		     "it has %u slots, and so none for REDIRECT: packets that its "
		     "program redirects are not captured",
		     point->slots.count);
}

void detached_take(Detached *detached, const Attachment *attachment)
{
	if (attachment->frozen && !detached->known.frozen)
		warn(detached,
		     "its map was frozen during the capture: nobody can change its slots any more, "
		     "and this capture's programs stay in them as long as the map lives, also when "
		     "the capture has ended (they copy nothing then)");
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		report_action(detached, action, &attachment->absences[action], attachment->frozen);
	detached->known = *attachment;
}

void detached_end(Detached *detached, const Attachment *attachment)
{
	g_autofree char *left = format_actions(attachment->left);

	detached_take(detached, attachment);
	if (attachment->left && attachment->frozen)
		warn(detached,
		     "this capture's programs stay in its slots (%s), as its map is frozen, until "
		     "that map is gone: remove its pin and load the XDP program with a new one",
		     left);
	else if (attachment->left)
		warn(detached,
		     "this capture's programs could not be taken out of its slots (%s): the next "
		     "capture removes them",
		     left);
}

gboolean detached_check(const Detached *detached, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint64 earliest = G_MAXUINT64;
	g_autofree char *since = NULL;

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		const Absence *absence = &detached->known.absences[action];
		g_autofree char *cause = NULL;

		if (!is_absent(absence))
			continue;
		cause = format_cause(action, absence);
		g_string_append_printf(text, "%s%s", text->len ? "; " : "", cause);
		earliest = MIN(earliest, absence->since);
	}
	if (text->len == 0)
		return TRUE;
	since = format_time(detached, earliest);
	g_set_error(error, DETACHED_ERROR, 0,
		    "the capture has ended, but it was detached from hook %s since %s: %s (%s)",
		    detached->path, since, detached->setting.loss, text->str);
	return FALSE;
}

guint detached_actions(const Detached *detached)
{
	guint actions = 0;

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (is_absent(&detached->known.absences[action]))
			actions |= 1U << action;
	return actions;
}

char *detached_format(const GPtrArray *all)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		guint64 longest = 0;

		for (guint i = 0; i < all->len; i++) {
			const Detached *detached = g_ptr_array_index(all, i);

			longest = MAX(longest, detached->known.absences[action].total);
		}
		if (longest > 0)
			g_string_append_printf(text, "%s%s for %.1f s",
					       text->len ? ", " : "detached from ",
					       action_name(action), seconds_of(longest));
	}
	return text->len ? g_strdup(text->str) : NULL;
}

static void add_absence(JsonBuilder *builder, const Detached *detached, guint action)
{
	const Absence *absence = &detached->known.absences[action];

	if (absence->times == 0)
		return;
	json_builder_begin_object(builder);
	json_add_string(builder, "hook", detached->path);
	json_add_string(builder, "action", action_name(action));
	json_add_boolean(builder, "now", is_absent(absence));
	json_add_number(builder, "times", absence->times);
	json_add_number(builder, "ms", absence->total / NS_PER_MS);
	json_builder_end_object(builder);
}

void detached_add_json(JsonBuilder *builder, const GPtrArray *all)
{
	json_builder_set_member_name(builder, "detached");
	json_builder_begin_array(builder);
	for (guint i = 0; i < all->len; i++)
		for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
			add_absence(builder, g_ptr_array_index(all, i), action);
	json_builder_end_array(builder);
}

char *detached_describe(const Detached *detached)
{
	g_autoptr(GString) times = g_string_new(NULL), ended = g_string_new(NULL);

	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		const Absence *absence = &detached->known.absences[action];
		const char *name = action_name(action);

		if (absence->times == 0)
			continue;
		g_string_append_printf(times, "%s%s:%" G_GUINT64_FORMAT ".%03" G_GUINT64_FORMAT,
				       times->len ? "," : "xdp detached=", name,
				       absence->total / NS_PER_SECOND,
				       absence->total / NS_PER_MS % 1000);
		if (is_absent(absence))
			g_string_append_printf(ended, "%s%s",
					       ended->len ? "," : " detached_at_end=", name);
	}
	return times->len ? g_strconcat(times->str, ended->str, NULL) : NULL;
}
