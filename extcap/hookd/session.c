// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include "identity.h"
#include "kernel_clock.h"
#include "monotonic.h"
#include "program.h"
#include "source.h"

/* In the order in which a session passes through them. */
typedef enum {
	STATE_OPENED,	/* loaded, but not attached yet */
	STATE_ATTACHED, /* attached to its point */
	STATE_ADRIFT,	/* has left its point, and may move to another one */
	STATE_DETACHED, /* ended */
} State;

typedef enum { STEP_ATTACH, STEP_MOVE, STEP_CHANGE, STEP_DETACH } Step;

#define IN(STATE) (1U << (STATE))

/* The states in which each step is allowed. Looking at a session always is. */
static const struct {
	guint states;
	const char *refusal;
} steps[] = {
	[STEP_ATTACH] = { IN(STATE_OPENED), "can be attached once only" },
	[STEP_MOVE] = { IN(STATE_ATTACHED) | IN(STATE_ADRIFT), "is not attached: it cannot move" },
	[STEP_CHANGE] = { IN(STATE_ATTACHED), "is not attached: it cannot change" },
	[STEP_DETACH] = { IN(STATE_ATTACHED) | IN(STATE_ADRIFT),
			  "is not attached: it cannot be detached" },
};

struct Session {
	const Source *source;
	gpointer place; /* owned by the source */
	char *address;
	char *group;   /* what it is captured for; or NULL */
	char *refusal; /* why the point was left */
	Identity *identity;
	ProgramSet *programs;
	ProgramRequest request; /* of them, without filter and identity */
	State state;
	/* Changed last: */
	guint32 sample;
	gboolean paused;
	gboolean changed;
};

static gboolean check_state(const Session *session, Step step, GError **error)
{
	if (steps[step].states & IN(session->state))
		return TRUE;
	g_set_error(error, SESSION_ERROR, SESSION_ERROR_STATE, "the capture on %s %s %s",
		    session->source->type->noun, session->address, steps[step].refusal);
	return FALSE;
}

/* Loads everything for the session. */
static gboolean load(Session *session, const SessionRequest *request, GError **error)
{
	ProgramRequest programs = {
		.filter = request->filter,
		.filter_length = request->filter_length,
		.snaplen = request->snaplen,
		.sample = request->sample,
		.rate = request->rate,
		.ring_size = request->ring_size,
		.names_device = TRUE,
		.track = request->track,
	};

	session->identity = identity_new(error);
	if (!session->identity)
		return FALSE;
	session->request = programs;
	programs.identity = identity_shown(session->identity);
	session->programs =
		session->source->load(session->place, &programs, session->identity, error);
	return session->programs != NULL;
}

Session *session_open(const SessionRequest *request, GError **error)
{
	g_autoptr(Session) session = g_new0(Session, 1);

	session->source = source_of(request->type);
	session->address = g_strdup(request->address);
	session->group = g_strdup(request->group);
	if (!kernel_clock_learn(error))
		return NULL;
	session->place = session->source->open(request, error);
	if (!session->place || !load(session, request, error))
		return NULL;
	return g_steal_pointer(&session);
}

static void settle(const Session *session)
{
	if (session->source->settle)
		session->source->settle(session->place, session->programs);
}

/* When this returns, none of the programs runs any more. */
static void leave(Session *session)
{
	if (session->state != STATE_ATTACHED)
		return;
	session->source->detach(session->place, session->programs);
	program_set_quiesce(session->programs);
	settle(session);
}

static gboolean attach(Session *session, GError **error)
{
	if (!check_state(session, STEP_ATTACH, error))
		return FALSE;
	/* Packets may come immediately. */
	program_set_beat(session->programs, monotonic_now());
	if (!session->source->attach(session->place, session->programs, error))
		return FALSE;
	session->state = STATE_ATTACHED;
	return TRUE;
}

/* Detaches the first `count` sessions and sets their state. Waits only once, since a grace period
 * covers the whole machine. */
static void leave_all(const GPtrArray *sessions, guint count, State state)
{
	g_autoptr(GPtrArray) left = g_ptr_array_new();

	for (guint i = 0; i < count; i++) {
		Session *session = g_ptr_array_index(sessions, i);

		if (session->state == STATE_ATTACHED) {
			session->source->detach(session->place, session->programs);
			g_ptr_array_add(left, session);
		}
		session->state = state;
	}
	if (left->len > 0)
		program_set_quiesce(((const Session *)left->pdata[0])->programs);
	for (guint i = 0; i < left->len; i++)
		settle(g_ptr_array_index(left, i));
}

gboolean session_attach_all(const GPtrArray *sessions, GError **error)
{
	for (guint i = 0; i < sessions->len; i++) {
		if (!attach(g_ptr_array_index(sessions, i), error)) {
			leave_all(sessions, i, STATE_OPENED);
			return FALSE;
		}
		/* With many sessions this takes a while. */
		for (guint k = 0; k < i; k++)
			session_beat(g_ptr_array_index(sessions, k));
	}
	return TRUE;
}

gboolean session_detach_all(const GPtrArray *sessions, GError **error)
{
	for (guint i = 0; i < sessions->len; i++)
		if (!check_state(g_ptr_array_index(sessions, i), STEP_DETACH, error))
			return FALSE;
	leave_all(sessions, sessions->len, STATE_DETACHED);
	return TRUE;
}

void session_end_all(const GPtrArray *sessions)
{
	leave_all(sessions, sessions->len, STATE_DETACHED);
}

void session_guard(Session *session)
{
	g_autoptr(GError) error = NULL;

	if (session->state != STATE_ATTACHED || !session->source->guard ||
	    session->source->guard(session->place, &error))
		return;
	leave(session);
	session->state = STATE_ADRIFT;
	g_free(session->refusal);
	session->refusal = g_strdup(error->message);
}

void session_mend(Session *session)
{
	if (session->state == STATE_ATTACHED && session->source->mend)
		session->source->mend(session->place, session->programs);
}

void session_beat(const Session *session)
{
	if (session->state == STATE_OPENED)
		return;
	program_set_beat(session->programs, monotonic_now());
	if (session->state == STATE_ATTACHED && session->source->beat)
		session->source->beat(session->place, session->programs);
}

void session_attachment(const Session *session, Attachment *ret_attachment)
{
	*ret_attachment = (Attachment){ 0 };
	if (session->source->attachment)
		session->source->attachment(session->place, ret_attachment);
}

void session_look(Session *session, SessionNews *ret_news)
{
	*ret_news = (SessionNews){ .pin = PIN_KEPT, .refusal = g_strdup(session->refusal) };
	session_attachment(session, &ret_news->attachment);
	if (session->source->look)
		session->source->look(session->place, ret_news);
}

GPtrArray *session_names(Session *session)
{
	return session->source->names ? session->source->names(session->place, session->programs)
				      : NULL;
}

void session_expect(Session *session)
{
	if (session->source->expect)
		session->source->expect(session->place);
}

gboolean session_move(Session *session, guint32 id, guint64 *ret_since, GError **error)
{
	if (!check_state(session, STEP_MOVE, error))
		return FALSE;
	if (!session->source->move) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_STATE,
			    "the capture on %s %s cannot move", session->source->type->noun,
			    session->address);
		return FALSE;
	}
	switch (session->source->move(session->place, session->programs, id, ret_since, error)) {
	case SOURCE_STAYS:
		return FALSE;
	case SOURCE_ADRIFT:
		session->state = STATE_ADRIFT;
		return FALSE;
	case SOURCE_MOVED:
		break;
	}
	session->state = STATE_ATTACHED;
	g_clear_pointer(&session->refusal, g_free);
	return TRUE;
}

/* Puts programs with the change's filter in the place of the session's. */
static gboolean exchange(Session *session, const SessionRequest *change, GError **error)
{
	ProgramRequest request = session->request;
	ProgramSet *programs;

	if (!session->source->exchange) {
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_STATE,
			    "the capture on %s %s cannot get another filter: start it again",
			    session->source->type->noun, session->address);
		return FALSE;
	}
	request.filter = change->filter;
	request.filter_length = change->filter_length;
	request.version = change->version;
	programs = session->source->exchange(session->place, session->programs, &request,
					     change->verdicts, error);
	if (!programs)
		return FALSE;
	program_set_free(session->programs);
	session->programs = programs;
	return TRUE;
}

gboolean session_change(Session *session, const SessionRequest *change, GError **error)
{
	if (!check_state(session, STEP_CHANGE, error) ||
	    (change->filter_length > 0 && !exchange(session, change, error)))
		return FALSE;
	program_set_brake(session->programs, change->sample, change->paused);
	session->sample = change->sample;
	session->paused = change->paused;
	session->changed = TRUE;
	return TRUE;
}

static gboolean is_of_group(const Session *session, const Session *other)
{
	return session != other && session->group && session->source == other->source &&
	       g_strcmp0(session->group, other->group) == 0;
}

void session_share_brake(const Session *session, const GPtrArray *sessions)
{
	for (guint i = 0; session->changed && i < sessions->len; i++) {
		Session *other = g_ptr_array_index(sessions, i);

		if (!is_of_group(session, other))
			continue;
		program_set_brake(other->programs, session->sample, session->paused);
		other->sample = session->sample;
		other->paused = session->paused;
		other->changed = TRUE;
	}
}

const SourceType *session_type(const Session *session)
{
	return session->source->type;
}

const Rings *session_rings(const Session *session)
{
	return program_set_rings(session->programs);
}

void session_free(Session *session)
{
	if (!session)
		return;
	leave(session);
	/* End the life first: from here on, programs that are still in a slot belong to a dead
	 * capture. */
	identity_free(session->identity);
	program_set_free(session->programs);
	if (session->place)
		session->source->free(session->place);
	g_free(session->refusal);
	g_free(session->address);
	g_free(session->group);
	g_free(session);
}
