// SPDX-License-Identifier: GPL-2.0-or-later
#include "adoption.h"

#include "capture_state.h"
#include "detached.h"
#include "file_limit.h"

struct Adoption {
	Capture *capture;
	GPtrArray *waiting; /* Point * */
	Point *asked;	    /* xdpshark-hookd is opening it; or NULL */
	SessionRequest request;
};

Adoption *adoption_new(Capture *capture)
{
	Adoption *adoption = g_new0(Adoption, 1);

	adoption->capture = capture;
	adoption->waiting = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	return adoption;
}

void adoption_free(Adoption *adoption)
{
	if (!adoption)
		return;
	g_ptr_array_unref(adoption->waiting);
	point_free(adoption->asked);
	g_free(adoption);
}

static void G_GNUC_PRINTF(3, 4)
	report(const Adoption *adoption, GLogLevelFlags level, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	report_message(level, text, &adoption->capture->report);
}

/* Without what was made for a session that there is not. */
static void forget(const Capture *capture, guint sessions)
{
	GPtrArray *const all[] = { capture->filters, capture->sessions, capture->follows,
				   capture->detached };

	for (guint i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i]->len > sessions)
			g_ptr_array_set_size(all[i], (gint)sessions);
}

static void leave_out(const Adoption *adoption, const Point *point, const char *reason)
{
	report(adoption, G_LOG_LEVEL_WARNING,
	       "%s %s: attached during the capture, and left out: %s", point->type->noun,
	       point->address, reason);
}

static void report_captured(const Adoption *adoption, const Point *point)
{
	const PointProgram *program = point->programs->len > 0 ? point->programs->pdata[0] : NULL;

	report(adoption, G_LOG_LEVEL_MESSAGE,
	       "%s %s: attached during the capture (%s#%u%s%s): captured from now on",
	       point->type->noun, point->address, program ? program->name : point->name, point->id,
	       point->way ? ", " : "", point->way ? point->way : "");
}

/* TRUE if xdpshark-hookd is opening the point now, which is taken over then. */
static gboolean ask(Adoption *adoption, Point *point)
{
	Capture *capture = adoption->capture;
	g_autoptr(GError) error = NULL;

	if (point->refusal) {
		leave_out(adoption, point, point->refusal);
	} else if (!file_limit_check(CAPTURE_POINT_FILES, "xdpshark", "another program", &error) ||
		   !capture_prepare(capture, point, &adoption->request, &error)) {
		leave_out(adoption, point, error->message);
		forget(capture, capture->sessions->len);
	} else if (broker_session_ask(capture->broker, &adoption->request)) {
		adoption->asked = point;
		return TRUE;
	} else {
		/* It has ended, which somebody else will say. */
		forget(capture, capture->sessions->len);
	}
	return FALSE;
}

void adoption_continue(Adoption *adoption)
{
	while (adoption->waiting->len > 0 &&
	       broker_asked(adoption->capture->broker) == BROKER_IDLE) {
		g_autoptr(Point) point = g_ptr_array_steal_index(adoption->waiting, 0);

		if (ask(adoption, point))
			point = NULL;
	}
}

void adoption_add(Adoption *adoption, GPtrArray *newcomers)
{
	g_ptr_array_extend_and_steal(adoption->waiting, g_ptr_array_ref(newcomers));
	adoption_continue(adoption);
}

/* Its packets come from here on. Takes over session. */
static gboolean join(const Adoption *adoption, BrokerSession *session, GError **error)
{
	g_autoptr(GPtrArray) alone = g_ptr_array_new();

	capture_add_session(adoption->capture, session, &adoption->request);
	g_ptr_array_add(alone, session);
	return broker_sessions_attach(alone, error) &&
	       capture_add_to_reader(adoption->capture, error);
}

static void add_to_file(const Adoption *adoption, Point *point)
{
	Capture *capture = adoption->capture;
	guint last = capture->sessions->len - 1;

	report_captured(adoption, point);
	capture_add_to_stream(capture, point);
	stream_append_point(capture->stream, output_pending(capture->pump.output), last);
	detached_start(g_ptr_array_index(capture->detached, last),
		       stream_point(capture->stream, last));
}

gboolean adoption_answered(Adoption *adoption, GError **error)
{
	Capture *capture = adoption->capture;
	g_autoptr(Point) point = g_steal_pointer(&adoption->asked);
	guint sessions = capture->sessions->len;
	g_autoptr(GError) reason = NULL;
	BrokerSession *session = broker_session_take(capture->broker, &reason);

	if (session && join(adoption, session, &reason)) {
		add_to_file(adoption, g_steal_pointer(&point));
		return TRUE;
	}
	forget(capture, sessions);
	if (reason->domain == BROKER_ERROR) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	leave_out(adoption, point, reason->message);
	return TRUE;
}
