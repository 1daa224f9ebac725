// SPDX-License-Identifier: GPL-2.0-or-later
#include "counting.h"

#include <string.h>

#include "counting_place.h"
#include "file_limit.h"
#include "monotonic.h"

/* Open files besides those of places. */
#define COUNTING_FILES 10

/* The same point may have been named twice. */
static const Point *find_same(const Counting *counting, const Point *point)
{
	for (guint i = 0; i < counting->places->len; i++) {
		const Place *place = g_ptr_array_index(counting->places, i);

		if (point_is_same(place->counted->point, point))
			return place->counted->point;
	}
	return NULL;
}

static void G_GNUC_PRINTF(3, 4)
	report(const Counting *counting, GLogLevelFlags level, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	counting->request.report(level, text, counting->request.data);
}

/* Takes over point. */
static gboolean add_point(Counting *counting, Point *point, GError **error)
{
	const Point *same = find_same(counting, point);
	Place *place;

	if (same) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED,
			    "%s and %s are the same %s: name it once", same->address,
			    point->address, point->type->noun);
		point_free(point);
		return FALSE;
	}
	place = g_new0(Place, 1);
	if (counting_place_open(counting, place, point, error)) {
		g_ptr_array_add(counting->places, place);
		return TRUE;
	}
	point_free(point);
	counting_place_free(place);
	return FALSE;
}

/* Of those that nobody has named, one that cannot be counted does not keep the others. */
static gboolean add_any_point(Counting *counting, Point *point, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *typed = point_typed(point);

	/* Packets that go through a hook are counted there, those of tc where it is named. */
	if (!point_is_open(point) || point->doubt || point->hook || point->type == &source_tc ||
	    find_same(counting, point)) {
		point_free(point);
		return TRUE;
	}
	if (add_point(counting, point, &reason))
		return TRUE;
	/* It would be the same with all others. */
	if (reason->domain == FILTER_ERROR || reason->domain == BROKER_ERROR ||
	    reason->domain == G_OPTION_ERROR || reason->domain == COUNTING_ERROR) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	report(counting, G_LOG_LEVEL_WARNING, "%s is not counted: %s", typed, reason->message);
	counting->refused = TRUE;
	return TRUE;
}

static gboolean set_none_error(const Counting *counting, GError **error)
{
	g_set_error(error, POINT_ERROR, POINT_ERROR_FAILED, "there is no hook to count at: %s",
		    counting->refused ? "each was refused" : "'xdpshark list' says why");
	return FALSE;
}

static gboolean add_points(Counting *counting, GError **error)
{
	const GPtrArray *named = counting->request.points;
	g_autoptr(GPtrArray) points = named ? broker_open_points(counting->broker, named, error)
					    : broker_list_points(counting->broker, NULL, error);
	gboolean done =
		points && file_limit_check(COUNTING_FILES + points->len * COUNTING_PLACE_FILES,
					   "xdpshark", "counting packets", error);

	while (done && points->len > 0) {
		Point *point = g_ptr_array_steal_index(points, 0);

		done = named ? add_point(counting, point, error)
			     : add_any_point(counting, point, error);
	}
	return done && counting->places->len == 0 ? set_none_error(counting, error) : done;
}

Counting *counting_new(Broker *broker, const CountingRequest *request, GError **error)
{
	g_autoptr(Counting) counting = g_new0(Counting, 1);

	counting->broker = broker;
	counting->request = *request;
	counting->clock = clock_new();
	counting->tally = tally_new(*request->filter != '\0');
	counting->places = g_ptr_array_new_with_free_func(counting_place_free);
	file_limit_raise();
	if (!add_points(counting, error))
		return NULL;
	return g_steal_pointer(&counting);
}

void counting_free(Counting *counting)
{
	if (!counting)
		return;
	/* Later filters may be those of earlier ones. */
	while (counting->places->len > 0)
		g_ptr_array_set_size(counting->places, (gint)counting->places->len - 1);
	g_ptr_array_unref(counting->places);
	tally_free(counting->tally);
	clock_free(counting->clock);
	g_free(counting);
}

static GPtrArray *list_sessions(const Counting *counting, gboolean attached)
{
	GPtrArray *sessions = g_ptr_array_new();

	for (guint i = 0; i < counting->places->len; i++) {
		Place *place = g_ptr_array_index(counting->places, i);

		if (place->counted->attached == attached)
			g_ptr_array_add(sessions, place->session);
	}
	return sessions;
}

/* Each by itself. FALSE if there is none left. */
static gboolean attach_any(Counting *counting, GError **error)
{
	gboolean some = FALSE;

	for (guint i = 0; i < counting->places->len; i++) {
		Place *place = g_ptr_array_index(counting->places, i);
		g_autofree char *typed = point_typed(place->counted->point);
		g_autoptr(GPtrArray) alone = g_ptr_array_new();
		g_autoptr(GError) reason = NULL;

		g_ptr_array_add(alone, place->session);
		place->counted->attached = broker_sessions_attach(alone, &reason);
		some |= place->counted->attached;
		if (!reason)
			continue;
		report(counting, G_LOG_LEVEL_WARNING, "%s is not counted: %s", typed,
		       reason->message);
		counting->refused = TRUE;
	}
	return some || set_none_error(counting, error);
}

static gboolean attach_all(Counting *counting, GError **error)
{
	g_autoptr(GPtrArray) sessions = list_sessions(counting, FALSE);

	if (!broker_sessions_attach(sessions, error))
		return FALSE;
	for (guint i = 0; i < counting->places->len; i++)
		((Place *)g_ptr_array_index(counting->places, i))->counted->attached = TRUE;
	return TRUE;
}

static void start_place(const Counting *counting, const Place *place)
{
	detached_start(place->detached, place->counted->point);
	for (guint i = 0; i < place->filter->remarks->len; i++)
		report(counting, G_LOG_LEVEL_WARNING, "%s",
		       (const char *)g_ptr_array_index(place->filter->remarks, i));
}

gboolean counting_attach(Counting *counting, GError **error)
{
	guint64 now;

	/* The kernel's clock is known since the sessions were opened. */
	clock_restart(counting->clock);
	if (!(counting->request.points ? attach_all(counting, error) : attach_any(counting, error)))
		return FALSE;
	now = monotonic_now();
	tally_begin(counting->tally, now, clock_realtime(counting->clock, now));
	for (guint i = 0; i < counting->places->len; i++) {
		const Place *place = g_ptr_array_index(counting->places, i);

		if (place->counted->attached)
			start_place(counting, place);
	}
	return TRUE;
}

static guint64 load(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void add_cpu(TallyCounts *sum, const struct xdpshark_cpu *state)
{
	for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++) {
		sum->verdicts[slot].packets += load(&state->outcomes[slot][XDPSHARK_CAPTURED]);
		sum->verdicts[slot].bytes += load(&state->bytes[slot]);
		sum->unmatched += load(&state->outcomes[slot][XDPSHARK_REJECTED]);
	}
}

const Tally *counting_look(Counting *counting)
{
	guint64 now = monotonic_now();

	clock_sample(counting->clock);
	tally_look(counting->tally, now, clock_realtime(counting->clock, now));
	for (guint i = 0; i < counting->places->len; i++) {
		const Place *place = g_ptr_array_index(counting->places, i);
		TallyCounts sum = { 0 };

		for (guint cpu = 0; cpu < place->cpu_count; cpu++)
			add_cpu(&sum, &place->cpus[cpu]);
		tally_set(place->counted, &sum);
		place->counted->absent = detached_actions(place->detached);
	}
	return counting->tally;
}

void counting_ask(Counting *counting)
{
	g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(guint));

	clock_sample(counting->clock);
	broker_look(counting->broker, none);
}

/* There may be new devices for whose packets the filter was not made. */
static void review_filter(const Counting *counting, const Place *place, const Point *point)
{
	GLogLevelFlags level;
	g_autofree char *line = point_filter_review(place->filter, point, &level);

	if (line)
		report(counting, level, "%s", line);
}

/* Takes over point. */
static gboolean count_newcomer(Counting *counting, Point *point, GError **error)
{
	g_autoptr(GPtrArray) alone = g_ptr_array_new();
	Place *place;

	if (point->refusal) {
		g_set_error_literal(error, POINT_ERROR, POINT_ERROR_FAILED, point->refusal);
		point_free(point);
		return FALSE;
	}
	if (!file_limit_check(COUNTING_PLACE_FILES, "xdpshark", "another program", error)) {
		point_free(point);
		return FALSE;
	}
	if (!add_point(counting, point, error))
		return FALSE;
	place = g_ptr_array_index(counting->places, counting->places->len - 1);
	g_ptr_array_add(alone, place->session);
	place->counted->attached = broker_sessions_attach(alone, error);
	if (place->counted->attached)
		start_place(counting, place);
	return place->counted->attached;
}

/* What has come to a point that stands for others. FALSE with error if xdpshark-hookd has ended. */
static gboolean count_newcomers(Counting *counting, GPtrArray *newcomers, GError **error)
{
	while (newcomers->len > 0) {
		Point *point = g_ptr_array_steal_index(newcomers, 0);
		g_autofree char *typed = point_typed(point);
		g_autoptr(GError) reason = NULL;

		if (count_newcomer(counting, point, &reason)) {
			report(counting, G_LOG_LEVEL_MESSAGE,
			       "%s: attached since the start: counted from now on", typed);
		} else if (reason->domain == BROKER_ERROR) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		} else {
			report(counting, G_LOG_LEVEL_WARNING, "%s is not counted: %s", typed,
			       reason->message);
		}
	}
	return TRUE;
}

gboolean counting_take_news(Counting *counting, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(GPtrArray) news = broker_take_news(counting->broker, &reason);

	if (!news) {
		if (g_error_matches(reason, BROKER_ERROR, BROKER_ERROR_SILENT))
			g_propagate_error(error, g_steal_pointer(&reason));
		else
			g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
				    "xdpshark-hookd was killed, and so counting has ended: what "
				    "it left in a hook's slots the next capture removes");
		return FALSE;
	}
	for (guint i = 0; i < counting->places->len; i++) {
		Place *place = g_ptr_array_index(counting->places, i);
		guint number = broker_session_number(place->session);
		SessionNews *one;
		guint64 from;
		Point *point;

		/* Those that were opened meanwhile have no news yet. */
		if (number >= news->len)
			continue;
		one = g_ptr_array_index(news, number);
		if (one->newcomers && !count_newcomers(counting, one->newcomers, error))
			return FALSE;
		if (!place->counted->attached)
			continue;
		detached_take(place->detached, &one->attachment);
		point = follow_news(place->follow, place->session, place->counted->point, one,
				    &from, &reason);
		if (reason) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
		if (!point)
			continue;
		review_filter(counting, place, point);
		tally_update_point(place->counted, point);
	}
	return TRUE;
}

gboolean counting_detach(Counting *counting, GError **error)
{
	g_autoptr(GPtrArray) sessions = list_sessions(counting, TRUE);
	GError *first = NULL;

	if (sessions->len == 0)
		return TRUE;
	if (!broker_sessions_detach(sessions, error))
		return FALSE;
	for (guint i = 0; i < counting->places->len; i++) {
		const Place *place = g_ptr_array_index(counting->places, i);

		if (!place->counted->attached)
			continue;
		detached_end(place->detached, broker_session_attachment(place->session));
		if (!first)
			detached_check(place->detached, &first);
	}
	if (!first)
		return TRUE;
	g_propagate_error(error, first);
	return FALSE;
}
