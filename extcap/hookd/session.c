// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <unistd.h>

#include <bpf/bpf.h>

#include "guard.h"
#include "hook_find.h"
#include "identity.h"
#include "kernel_clock.h"
#include "monotonic.h"
#include "presence.h"
#include "program.h"
#include "slot.h"
#include "watch.h"

/* In the order in which a session goes through them. */
typedef enum {
	STATE_OPENED,	/* loaded, in no slot yet */
	STATE_ATTACHED, /* in its slots */
	STATE_ADRIFT,	/* it has left its hook, and may move to another one */
	STATE_DETACHED, /* the capture has ended */
} State;

typedef enum { STEP_ATTACH, STEP_MOVE, STEP_DETACH } Step;

#define IN(STATE) (1U << (STATE))

/* In which states each step can be taken. Looking at a session is always allowed. */
static const struct {
	guint states;
	const char *refusal;
} steps[] = {
	[STEP_ATTACH] = { IN(STATE_OPENED), "can be attached once only" },
	[STEP_MOVE] = { IN(STATE_ATTACHED) | IN(STATE_ADRIFT), "is not attached: it cannot move" },
	[STEP_DETACH] = { IN(STATE_ATTACHED) | IN(STATE_ADRIFT),
			  "is not attached: it cannot be detached" },
};

struct Session {
	char *path;
	SlotHook hook;
	Watch *watch;
	Guard *guard;
	char *refusal; /* why the hook was left */
	const ProgramKind *kind;
	guint actions;
	gboolean unproven;
	Identity *identity;
	ProgramSet *programs;
	GArray *held; /* see slot_fill() */
	State state;
	Presence presence;
};

static gboolean check_state(const Session *session, Step step, GError **error)
{
	if (steps[step].states & IN(session->state))
		return TRUE;
	g_set_error(error, SESSION_ERROR, SESSION_ERROR_STATE, "the capture on hook %s %s",
		    session->path, steps[step].refusal);
	return FALSE;
}

#define ALL_ACTIONS ((1U << XDPSHARK_ACTIONS) - 1)

/* Hooks of old programs have four slots: there is none for XDP_REDIRECT. */
static guint available_actions(int hook_fd)
{
	struct bpf_map_info info = {};
	guint32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(hook_fd, &info, &size) == 0 &&
	    info.max_entries < XDPSHARK_ACTIONS)
		return (1U << info.max_entries) - 1;
	return ALL_ACTIONS;
}

/* All actions, as Wireshark's dialog asks for them when nothing is changed in it, are all that
 * there are. */
static gboolean choose_actions(Session *session, guint wanted, GError **error)
{
	guint available = available_actions(session->hook.fd);

	wanted &= ALL_ACTIONS;
	session->actions = wanted == 0 || wanted == ALL_ACTIONS ? available : wanted;
	if ((session->actions & ~available) == 0)
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "hook %s has 4 slots, and so none for REDIRECT: leave that action out",
		    session->path);
	return FALSE;
}

/* All that is loaded for it. */
static gboolean load(Session *session, ProgramRequest *request, GError **error)
{
	session->kind = kind_of_hook(session->hook.fd, session->path, error);
	if (session->kind)
		session->identity = identity_new(error);
	if (!session->identity)
		return FALSE;
	request->actions = session->actions;
	request->kind = session->kind;
	request->identity = identity_shown(session->identity);
	session->programs = program_set_load(request, error);
	return session->programs &&
	       identity_outlive(session->identity, program_set_next(session->programs), error);
}

Session *session_open(const SessionRequest *request, GError **error)
{
	g_autoptr(Session) session = g_new0(Session, 1);
	ProgramRequest programs = {
		.filter = request->filter,
		.filter_length = request->filter_length,
		.snaplen = request->snaplen,
		.sample = request->sample,
		.rate = request->rate,
		.ring_size = request->ring_size,
		.names_device = TRUE,
	};

	session->held = g_array_new(FALSE, FALSE, sizeof(int));
	session->path = g_strdup(request->address);
	session->unproven = request->unproven;
	session->hook = (SlotHook){
		.fd = -1,
		.map_id = request->id,
		.path = session->path,
		.share_foreign = request->share_foreign,
	};
	if (!kernel_clock_learn(error))
		return NULL;
	session->hook.fd =
		hook_open_map_of(request->address, request->id, request->unproven, error);
	if (session->hook.fd < 0 || !choose_actions(session, request->actions, error) ||
	    !slot_claim(&session->hook, session->actions, error) ||
	    !load(session, &programs, error))
		return NULL;
	session->watch = watch_new(session->path, request->id);
	session->guard = guard_new(session->path, request->id, session->unproven);
	return g_steal_pointer(&session);
}

static void drop_held(Session *session)
{
	for (guint i = 0; i < session->held->len; i++)
		close(g_array_index(session->held, int, i));
	g_array_set_size(session->held, 0);
}

/* Gives the slots back. FALSE if some may hold our programs still. */
static gboolean leave(Session *session)
{
	guint left;

	if (session->state != STATE_ATTACHED)
		return TRUE;
	left = slot_release(&session->hook, session->programs);
	program_set_quiesce(session->programs);
	return left == 0;
}

/* Into the slots of the hook, which others may use as a jump table by now: programs may have been
 * loaded since it was looked at last, and while its slots are filled. In the end the session is
 * attached to it, or else in the state that it was in. */
static gboolean fill(Session *session, const SlotHook *hook, Guard *guard, GError **error)
{
	const SlotHook before = session->hook;
	State state = session->state;

	if (!guard_check(guard, error))
		return FALSE;
	/* Packets may come at once. */
	program_set_beat(session->programs, monotonic_now());
	if (!slot_fill(hook, session->programs, session->held, error)) {
		drop_held(session);
		return FALSE;
	}
	session->hook = *hook;
	session->state = STATE_ATTACHED;
	presence_fill(&session->presence, session->actions, monotonic_now());
	if (guard_check_newer(guard, error))
		return TRUE;
	leave(session);
	drop_held(session);
	session->state = state;
	session->hook = before;
	return FALSE;
}

static gboolean attach(Session *session, GError **error)
{
	return check_state(session, STEP_ATTACH, error) &&
	       fill(session, &session->hook, session->guard, error);
}

/* Without putting them back. */
static void look_for_programs(Session *session)
{
	SlotReport reports[XDPSHARK_ACTIONS];

	slot_report(&session->hook, session->programs, reports);
	presence_take(&session->presence, reports, monotonic_now());
	session->presence.attachment.frozen = slot_is_frozen(&session->hook);
}

/* The first of them, with one wait: the grace period is one of the whole machine. Then they are in
 * that state. */
static void leave_all(const GPtrArray *sessions, guint count, State state)
{
	const ProgramSet *programs = NULL;

	for (guint i = 0; i < count; i++) {
		Session *session = g_ptr_array_index(sessions, i);

		if (session->state == STATE_ATTACHED) {
			look_for_programs(session);
			session->presence.attachment.left =
				slot_release(&session->hook, session->programs);
			drop_held(session);
			programs = session->programs;
		}
		session->state = state;
	}
	if (programs)
		program_set_quiesce(programs);
}

gboolean session_attach_all(const GPtrArray *sessions, GError **error)
{
	for (guint i = 0; i < sessions->len; i++) {
		if (!attach(g_ptr_array_index(sessions, i), error)) {
			leave_all(sessions, i, STATE_OPENED);
			return FALSE;
		}
		/* Many take their time. */
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

	if (session->state != STATE_ATTACHED || guard_check_newer(session->guard, &error))
		return;
	leave(session);
	session->state = STATE_ADRIFT;
	g_free(session->refusal);
	session->refusal = g_strdup(error->message);
}

void session_mend(Session *session)
{
	SlotReport reports[XDPSHARK_ACTIONS];

	if (session->state != STATE_ATTACHED)
		return;
	slot_mend(&session->hook, session->programs, session->held, reports);
	presence_take(&session->presence, reports, monotonic_now());
	session->presence.attachment.frozen = slot_is_frozen(&session->hook);
}

void session_beat(const Session *session)
{
	if (session->state != STATE_OPENED)
		program_set_beat(session->programs, monotonic_now());
}

void session_attachment(const Session *session, Attachment *ret_attachment)
{
	presence_read(&session->presence, monotonic_now(), ret_attachment);
}

void session_look(Session *session, SessionNews *ret_news)
{
	ret_news->refusal = g_strdup(session->refusal);
	session_attachment(session, &ret_news->attachment);
	ret_news->users = watch_users(session->watch, session->hook.fd);
	ret_news->pin = watch_pin(session->watch, &ret_news->pinned, &ret_news->remark);
}

void session_expect(Session *session)
{
	watch_expect(session->watch);
}

/* What was loaded for the hook before must suit the new one: rings and counters go with it. */
static gboolean check_suits(const Session *session, int hook_fd, GError **error)
{
	const ProgramKind *kind = kind_of_hook(hook_fd, session->path, error);

	if (!kind)
		return FALSE;
	if (kind == session->kind && (session->actions & ~available_actions(hook_fd)) == 0)
		return TRUE;
	if (kind == session->kind)
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_KIND,
			    "hook %s: the new one has 4 slots, and so none for REDIRECT, which "
			    "this capture has asked for: start it again",
			    session->path);
	else
		g_set_error(error, SESSION_ERROR, SESSION_ERROR_KIND,
			    "hook %s: the new one is for programs of another kind (%s, before %s) "
			    "than this capture has: start it again",
			    session->path, kind->name, session->kind->name);
	return FALSE;
}

/* The old slots first: a program of ours goes on to one and the same other program, whichever hook
 * it was called from. */
static gboolean move_to(Session *session, const SlotHook *hook, Guard *guard, guint64 *ret_since,
			GError **error)
{
	if (!leave(session)) {
		g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
			    "hook %s: cannot take the capture out of all slots of the old hook",
			    session->path);
		return FALSE;
	}
	session->state = STATE_ADRIFT;
	drop_held(session);
	*ret_since = monotonic_now();
	if (fill(session, hook, guard, error))
		return TRUE;
	presence_leave(&session->presence, session->actions, *ret_since);
	return FALSE;
}

gboolean session_move(Session *session, guint32 map_id, guint64 *ret_since, GError **error)
{
	SlotHook hook = session->hook;
	int old_fd = hook.fd;
	Guard *guard;

	if (!check_state(session, STEP_MOVE, error))
		return FALSE;
	hook.map_id = map_id;
	hook.fd = hook_open_map_of(session->path, map_id, session->unproven, error);
	if (hook.fd < 0)
		return FALSE;
	guard = guard_new(session->path, map_id, session->unproven);
	if (!check_suits(session, hook.fd, error) || !slot_claim(&hook, session->actions, error) ||
	    !move_to(session, &hook, guard, ret_since, error)) {
		guard_free(guard);
		close(hook.fd);
		return FALSE;
	}
	guard_free(session->guard);
	session->guard = guard;
	g_clear_pointer(&session->refusal, g_free);
	close(old_fd);
	watch_free(session->watch);
	session->watch = watch_new(session->path, map_id);
	return TRUE;
}

const Rings *session_rings(const Session *session)
{
	return program_set_rings(session->programs);
}

guint session_actions(const Session *session)
{
	return session->actions;
}

void session_free(Session *session)
{
	if (!session)
		return;
	leave(session);
	/* First the life: what could not be taken out of a slot is a dead capture's from here on.
	 */
	identity_free(session->identity);
	program_set_free(session->programs);
	drop_held(session);
	g_array_unref(session->held);
	watch_free(session->watch);
	guard_free(session->guard);
	g_free(session->refusal);
	if (session->hook.fd >= 0)
		close(session->hook.fd);
	g_free(session->path);
	g_free(session);
}
