// SPDX-License-Identifier: GPL-2.0-or-later
#include "broker_session.h"

#include <string.h>
#include <unistd.h>

#include "broker_call.h"
#include "call.h"
#include "monotonic.h"

struct BrokerSession {
	Broker *broker;
	guint number;
	GArray *fds; /* RINGS_FDS of them */
	Rings rings;
	gboolean attached;
	Attachment attachment; /* as of its being detached */
};

void broker_session_free(BrokerSession *session)
{
	if (!session)
		return;
	if (session->attached) {
		g_autoptr(GPtrArray) alone = g_ptr_array_new();

		g_ptr_array_add(alone, session);
		broker_sessions_detach(alone, NULL);
	}
	for (guint i = 0; i < session->fds->len; i++)
		close(g_array_index(session->fds, int, i));
	g_array_unref(session->fds);
	g_free(session);
}

/* From the answer, or with error if there is none. Takes over fds. */
static BrokerSession *session_new(Broker *broker, GVariant *answer, GArray *fds, GError **error)
{
	BrokerSession *session = g_new0(BrokerSession, 1);
	g_autoptr(GVariant) result = answer;
	gint64 clock_offset = 0;

	session->broker = broker;
	session->fds = fds;
	if (result)
		g_variant_get(result, CALL_SESSION_RESULT_TYPE, &session->rings.segment_count,
			      &session->rings.segment_size, &session->rings.cpu_count,
			      &clock_offset);
	if (result && fds->len == RINGS_FDS) {
		monotonic_set_offset(clock_offset);
		session->rings.segments = g_array_index(fds, int, 0);
		session->rings.cpus = g_array_index(fds, int, 1);
		session->rings.control = g_array_index(fds, int, 2);
		session->rings.wake = g_array_index(fds, int, 3);
		session->number = broker_number_session(broker);
		return session;
	}
	if (result)
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
			    "xdpshark-hookd gave %u descriptors, not %u", fds->len, RINGS_FDS);
	broker_session_free(session);
	return NULL;
}

BrokerSession *broker_session_open(Broker *broker, const SessionRequest *request, GError **error)
{
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	GVariant *answer = broker_call(broker, CALL_OPEN_SESSION,
				       g_variant_new("(@a{sv})", session_request_pack(request)),
				       CALL_SESSION_RESULT_TYPE, fds, error);

	return session_new(broker, answer, fds, error);
}

gboolean broker_session_ask(Broker *broker, const SessionRequest *request)
{
	return broker_ask(broker, BROKER_OPENING,
			  g_variant_new("(@a{sv})", session_request_pack(request)));
}

BrokerSession *broker_session_take(Broker *broker, GError **error)
{
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	GVariant *answer = broker_take_answer(broker, BROKER_OPENING, fds, error);

	return session_new(broker, answer, fds, error);
}

const Rings *broker_session_rings(const BrokerSession *session)
{
	return &session->rings;
}

guint broker_session_number(const BrokerSession *session)
{
	return session->number;
}

static Broker *session_broker(const GPtrArray *sessions)
{
	return ((const BrokerSession *)g_ptr_array_index(sessions, 0))->broker;
}

/* The numbers of those that are attached, or of those that are not, as (au). */
static GVariant *session_numbers(const GPtrArray *sessions, gboolean attached)
{
	GVariantBuilder numbers;

	g_variant_builder_init(&numbers, G_VARIANT_TYPE("au"));
	for (guint i = 0; i < sessions->len; i++) {
		const BrokerSession *session = g_ptr_array_index(sessions, i);

		if (session->attached == attached)
			g_variant_builder_add(&numbers, "u", session->number);
	}
	return g_variant_new("(au)", &numbers);
}

static void set_attached(const GPtrArray *sessions, gboolean attached)
{
	for (guint i = 0; i < sessions->len; i++)
		((BrokerSession *)g_ptr_array_index(sessions, i))->attached = attached;
}

gboolean broker_sessions_attach(const GPtrArray *sessions, GError **error)
{
	g_autoptr(GVariant) result =
		broker_call(session_broker(sessions), CALL_ATTACH_SESSIONS,
			    session_numbers(sessions, FALSE), "()", NULL, error);

	if (result)
		set_attached(sessions, TRUE);
	return result != NULL;
}

/* The attachments come in the order of the numbers. */
static void take_attachments(const GPtrArray *sessions, GVariant *numbers, GVariant *attachments)
{
	gsize count = MIN(g_variant_n_children(numbers), g_variant_n_children(attachments));
	gsize given = 0;

	for (guint i = 0; i < sessions->len && given < count; i++) {
		BrokerSession *session = g_ptr_array_index(sessions, i);
		g_autoptr(GVariant) attachment = NULL;
		guint32 number;

		g_variant_get_child(numbers, given, "u", &number);
		if (session->number != number)
			continue;
		attachment = g_variant_get_child_value(attachments, given++);
		attachment_from_variant(attachment, &session->attachment);
	}
}

gboolean broker_sessions_detach(const GPtrArray *sessions, GError **error)
{
	g_autoptr(GVariant) numbers = g_variant_ref_sink(session_numbers(sessions, TRUE));
	g_autoptr(GVariant) list = g_variant_get_child_value(numbers, 0), done = NULL;

	if (g_variant_n_children(list) == 0)
		return TRUE;
	set_attached(sessions, FALSE);
	done = broker_call(session_broker(sessions), CALL_DETACH_SESSIONS, numbers,
			   CALL_DETACH_RESULT_TYPE, NULL, error);
	if (done)
		take_attachments(sessions, list, done);
	return done != NULL;
}

const Attachment *broker_session_attachment(const BrokerSession *session)
{
	return &session->attachment;
}

gboolean broker_session_move(BrokerSession *session, guint32 id, guint64 *ret_since, GError **error)
{
	g_autoptr(GVariant) result = broker_call(session->broker, CALL_MOVE_SESSION,
						 g_variant_new("(uu)", session->number, id),
						 CALL_MOVE_RESULT_TYPE, NULL, error);

	if (result)
		g_variant_get(result, CALL_MOVE_RESULT_TYPE, ret_since);
	return result != NULL;
}

gboolean broker_session_change(BrokerSession *session, const SessionRequest *change)
{
	return broker_ask(session->broker, BROKER_CHANGING,
			  g_variant_new("(u@a{sv})", session->number, session_change_pack(change)));
}

gboolean broker_take_change(Broker *broker, GError **error)
{
	g_autoptr(GVariant) result = broker_take_answer(broker, BROKER_CHANGING, NULL, error);

	return result != NULL;
}

void broker_look(Broker *broker, const GArray *wanted)
{
	GVariant *numbers = g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, wanted->data,
						      wanted->len, sizeof(guint32));

	broker_ask(broker, BROKER_LOOKING, g_variant_new("(@au)", numbers));
}

static Point *maybe_point(GVariant *points)
{
	g_autoptr(GVariant) point =
		g_variant_n_children(points) > 0 ? g_variant_get_child_value(points, 0) : NULL;

	return point ? point_from_variant(point) : NULL;
}

static void news_free(gpointer data)
{
	SessionNews *news = data;

	point_free(news->users);
	point_free(news->pinned);
	g_clear_pointer(&news->newcomers, g_ptr_array_unref);
	g_free(news->remark);
	g_free(news->refusal);
	g_free(news);
}

GPtrArray *broker_take_news(Broker *broker, GError **error)
{
	g_autoptr(GVariant) result = broker_take_answer(broker, BROKER_LOOKING, NULL, error);
	GPtrArray *all;

	if (!result)
		return NULL;
	all = g_ptr_array_new_with_free_func(news_free);
	for (gsize i = 0; i < g_variant_n_children(result); i++) {
		SessionNews *news = g_new0(SessionNews, 1);
		g_autoptr(GVariant) attachment = NULL, users = NULL, pinned = NULL;
		g_autoptr(GVariant) newcomers = NULL;
		guint32 pin;

		g_variant_get_child(result, i,
				    "(uss@" ATTACHMENT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE
				    "@a" POINT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE ")",
				    &pin, &news->remark, &news->refusal, &attachment, &users,
				    &pinned, &newcomers);
		attachment_from_variant(attachment, &news->attachment);
		news->pin = (PinState)MIN(pin, PIN_FOREIGN);
		news->users = maybe_point(users);
		news->pinned = maybe_point(pinned);
		if (g_variant_n_children(newcomers) > 0)
			news->newcomers = points_from_variant(newcomers);
		g_ptr_array_add(all, news);
	}
	return all;
}

static SessionName *name_from_variant(GVariant *variant)
{
	g_autoptr(GVariant) text = NULL;
	const char *bytes;
	guint64 number;
	guint32 kind;

	g_variant_get(variant, "(ut@ay)", &kind, &number, &text);
	bytes = g_variant_get_bytestring(text);
	return kind < SESSION_NAME_KINDS ? session_name_new((SessionNameKind)kind, number, bytes)
					 : NULL;
}

GPtrArray *broker_session_names(const BrokerSession *session, GError **error)
{
	g_autoptr(GVariant) result =
		broker_call(session->broker, CALL_NAMES, g_variant_new("(u)", session->number),
			    CALL_NAMES_RESULT_TYPE, NULL, error);
	GPtrArray *names = result ? g_ptr_array_new_with_free_func(session_name_free) : NULL;

	for (gsize i = 0; result && i < g_variant_n_children(result); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(result, i);
		SessionName *name = name_from_variant(child);

		if (name)
			g_ptr_array_add(names, name);
	}
	return names;
}
