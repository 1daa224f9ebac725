// SPDX-License-Identifier: GPL-2.0-or-later
#include "follow.h"

#include <string.h>

struct Follow {
	gboolean wanted;
	ReportFunc *report;
	gpointer data;
	PinState pin;  /* reported last */
	Point *pinned; /* another point that was seen at the pin */
	char *refusal; /* why it could not be followed, as reported last */
	char *trouble; /* why no packets come though the pin is as it was, as reported last */
};

Follow *follow_new(gboolean wanted, ReportFunc *report, gpointer data)
{
	Follow *follow = g_new0(Follow, 1);

	follow->wanted = wanted;
	follow->report = report;
	follow->data = data;
	follow->pin = PIN_KEPT;
	return follow;
}

void follow_free(Follow *follow)
{
	if (!follow)
		return;
	point_free(follow->pinned);
	g_free(follow->refusal);
	g_free(follow->trouble);
	g_free(follow);
}

static void G_GNUC_PRINTF(3, 4)
	report(const Follow *follow, GLogLevelFlags level, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	follow->report(level, text, follow->data);
}

/* Appends the devices that lead to the program: " on eth0, eth1". */
static void append_devices(GString *text, const Point *point, guint32 program_id)
{
	const char *separator = " on ";

	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);
		g_autofree char *name = NULL;

		if (device->program_id != program_id)
			continue;
		name = point_device_format(device);
		g_string_append_printf(text, "%s%s", separator, name);
		separator = ", ";
	}
}

/* "fw#12 on eth0, eth1; lb#13"; "" if no program uses the point. */
static char *format_users(const Point *point)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < point->programs->len; i++) {
		const PointProgram *program = g_ptr_array_index(point->programs, i);

		g_string_append_printf(text, "%s%s#%u", i ? "; " : "", program->name, program->id);
		append_devices(text, point, program->id);
	}
	/* Devices that lead to several programs. */
	append_devices(text, point, 0);
	return g_string_free(text, FALSE);
}

static const char *remedy(const Follow *follow)
{
	if (follow->pin == PIN_KEPT)
		return "no packets come until one is loaded that uses the pinned map";
	return follow->wanted ? "no packets come until another hook is pinned there"
			      : "no packets will come any more: stop this capture";
}

static void report_users(const Follow *follow, const Point *before, const Point *now)
{
	g_autofree char *was = format_users(before), *is = format_users(now);
	const char *noun = before->type->noun, *path = before->address;

	if (!before->programs_known || !now->programs_known || strcmp(was, is) == 0)
		return;
	if (now->programs->len == 0)
		report(follow, G_LOG_LEVEL_WARNING,
		       "%s %s: no program uses it any more (before: %s): %s", noun, path, was,
		       remedy(follow));
	else if (now->devices->len == 0 && before->devices->len > 0)
		report(follow, G_LOG_LEVEL_WARNING,
		       "%s %s: its program is no longer attached to a device (%s, before: %s): no "
		       "packets come until it is",
		       noun, path, is, was);
	else
		report(follow, G_LOG_LEVEL_MESSAGE,
		       "%s %s: now used by %s (before: %s): the capture goes on", noun, path, is,
		       *was ? was : "no program");
}

/* What will happen to a capture whose pin is gone. */
static const char *outlook(const Follow *follow)
{
	return follow->wanted
		       ? "this capture goes on with it as long as a program uses it, and then "
			 "with the hook that is pinned there next"
		       : "this capture goes on as long as a program uses it";
}

/* By PinState. */
static const struct {
	GLogLevelFlags level;
	gboolean followed; /* with --follow, the move is reported instead */
	enum { END_HERE, END_OUTLOOK, END_REMARK } end;
	const char *text;
} pin_lines[] = {
	[PIN_KEPT] = { G_LOG_LEVEL_MESSAGE, FALSE, END_HERE, "is pinned there again" },
	[PIN_GONE] = { G_LOG_LEVEL_WARNING, FALSE, END_OUTLOOK, "is no longer pinned there" },
	[PIN_UNMOUNTED] = { G_LOG_LEVEL_WARNING, FALSE, END_OUTLOOK,
			    "the bpffs that it was pinned in is no longer mounted there" },
	[PIN_REPLACED] = { G_LOG_LEVEL_WARNING, TRUE, END_HERE,
			   "another map is pinned there now, as by a new version of the program: "
			   "this capture goes on with the old one and sees nothing of the new: "
			   "start it again, with --follow if it shall go on by itself" },
	/* Most likely, the program is being loaded. */
	[PIN_UNUSED] = { G_LOG_LEVEL_INFO, FALSE, END_REMARK,
			 "another map is pinned there now, which is no hook yet" },
	[PIN_FOREIGN] = { G_LOG_LEVEL_WARNING, FALSE, END_REMARK,
			  "what is pinned there now is no hook, this capture goes on with the old "
			  "one" },
};

static void report_pin(const Follow *follow, const char *path, const SessionNews *news)
{
	const char *ends[] = {
		[END_HERE] = "", [END_OUTLOOK] = outlook(follow), [END_REMARK] = news->remark
	};
	const char *end = ends[pin_lines[follow->pin].end];

	if (!follow->wanted || !pin_lines[follow->pin].followed)
		report(follow, pin_lines[follow->pin].level, "hook %s: %s%s%s", path,
		       pin_lines[follow->pin].text, *end ? ": " : "", end);
}

/* TRUE if the session has moved to follow->pinned. */
static gboolean move(Follow *follow, BrokerSession *session, guint64 *ret_from, GError **error)
{
	g_autofree char *users = format_users(follow->pinned);
	const char *path = follow->pinned->address;
	g_autoptr(GError) reason = NULL;

	if (broker_session_move(session, follow->pinned->id, ret_from, &reason)) {
		report(follow, G_LOG_LEVEL_MESSAGE,
		       "hook %s: followed to the map that is pinned there now (id %u), used by %s",
		       path, follow->pinned->id, *users ? users : "no program");
		g_clear_pointer(&follow->refusal, g_free);
		follow->pin = PIN_KEPT;
		return TRUE;
	}
	if (g_error_matches(reason, SESSION_ERROR, SESSION_ERROR_KIND) ||
	    reason->domain == BROKER_ERROR) {
		g_propagate_error(error, g_steal_pointer(&reason));
	} else if (g_strcmp0(reason->message, follow->refusal) != 0) {
		g_free(follow->refusal);
		follow->refusal = g_strdup(reason->message);
		report(follow, G_LOG_LEVEL_WARNING,
		       "hook %s: another map is pinned there now, which cannot be followed yet: %s",
		       path, follow->refusal);
	}
	return FALSE;
}

/* What is no pin can be in trouble too. */
static void report_trouble(Follow *follow, const Point *point, const SessionNews *news)
{
	const char *trouble = news->pin == PIN_KEPT ? news->remark : "";

	if (g_strcmp0(trouble, follow->trouble ? follow->trouble : "") == 0)
		return;
	if (*trouble)
		report(follow, G_LOG_LEVEL_WARNING, "%s %s: %s", point->type->noun, point->address,
		       trouble);
	else
		report(follow, G_LOG_LEVEL_MESSAGE, "%s %s: packets come again", point->type->noun,
		       point->address);
	g_free(follow->trouble);
	follow->trouble = g_strdup(trouble);
}

Point *follow_news(Follow *follow, BrokerSession *session, const Point *point, SessionNews *news,
		   guint64 *ret_from, GError **error)
{
	gboolean pin_is_new = news->pin != follow->pin || news->pinned;

	if (*news->refusal) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_LEFT,
			    "the capture has ended: a program was loaded that uses its hook "
			    "differently: %s",
			    news->refusal);
		return NULL;
	}
	follow->pin = MIN(news->pin, PIN_FOREIGN);
	if (pin_is_new)
		report_pin(follow, point->address, news);
	if (news->pinned) {
		point_free(follow->pinned);
		follow->pinned = g_steal_pointer(&news->pinned);
	}
	if (follow->wanted && news->pin == PIN_REPLACED && follow->pinned &&
	    move(follow, session, ret_from, error))
		return g_steal_pointer(&follow->pinned);
	report_trouble(follow, point, news);
	if (news->users)
		report_users(follow, point, news->users);
	*ret_from = 0;
	return g_steal_pointer(&news->users);
}
