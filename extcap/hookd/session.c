// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <unistd.h>

#include <bpf/bpf.h>

#include "hook_find.h"
#include "kernel_clock.h"
#include "monotonic.h"
#include "program.h"
#include "slot.h"
#include "watch.h"

struct Session {
	char *path;
	int hook_fd;
	Watch *watch;
	const ProgramKind *kind;
	guint actions;
	gboolean share_foreign;
	ProgramSet *programs;
	GArray *held; /* see slot_fill() */
	gboolean attached;
};

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
	guint available = available_actions(session->hook_fd);

	wanted &= ALL_ACTIONS;
	session->actions = wanted == 0 || wanted == ALL_ACTIONS ? available : wanted;
	if ((session->actions & ~available) == 0)
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "hook %s has 4 slots, and so none for REDIRECT: leave that action out",
		    session->path);
	return FALSE;
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
	};

	session->held = g_array_new(FALSE, FALSE, sizeof(int));
	session->path = g_strdup(request->path);
	session->share_foreign = request->share_foreign;
	session->hook_fd = -1;
	if (!kernel_clock_learn(error))
		return NULL;
	session->hook_fd = hook_open_map_of(request->path, request->map_id, error);
	if (session->hook_fd < 0 || !choose_actions(session, request->actions, error) ||
	    !slot_claim(session->hook_fd, session->path, session->actions, session->share_foreign,
			error))
		return NULL;
	session->kind = kind_of_hook(session->hook_fd, session->path, error);
	if (!session->kind)
		return NULL;
	programs.actions = session->actions;
	programs.kind = session->kind;
	session->programs = program_set_load(&programs, error);
	if (!session->programs || !slot_sign(program_set_rings(session->programs)->control, error))
		return NULL;
	session->watch = watch_new(session->path, request->map_id);
	return g_steal_pointer(&session);
}

gboolean session_attach(Session *session, GError **error)
{
	if (!slot_fill(session->hook_fd, session->path, session->programs, session->share_foreign,
		       session->held, error))
		return FALSE;
	session->attached = TRUE;
	return TRUE;
}

void session_mend(Session *session)
{
	if (session->attached)
		slot_mend(session->hook_fd, session->path, session->programs, session->held);
}

void session_look(Session *session, SessionNews *ret_news)
{
	ret_news->users = watch_users(session->watch, session->hook_fd);
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

static void drop_held(Session *session)
{
	for (guint i = 0; i < session->held->len; i++)
		close(g_array_index(session->held, int, i));
	g_array_set_size(session->held, 0);
}

/* The old slots first: a program of ours goes on to one and the same other program, whichever hook
 * it was called from. */
static gboolean move_to(Session *session, int hook_fd, guint64 *ret_since, GError **error)
{
	session_detach(session);
	drop_held(session);
	*ret_since = monotonic_now();
	if (!slot_fill(hook_fd, session->path, session->programs, session->share_foreign,
		       session->held, error))
		return FALSE;
	session->attached = TRUE;
	return TRUE;
}

gboolean session_move(Session *session, guint32 map_id, guint64 *ret_since, GError **error)
{
	int hook_fd = hook_open_map_of(session->path, map_id, error);

	if (hook_fd < 0)
		return FALSE;
	if (!check_suits(session, hook_fd, error) ||
	    !slot_claim(hook_fd, session->path, session->actions, session->share_foreign, error) ||
	    !move_to(session, hook_fd, ret_since, error)) {
		close(hook_fd);
		return FALSE;
	}
	close(session->hook_fd);
	session->hook_fd = hook_fd;
	watch_free(session->watch);
	session->watch = watch_new(session->path, map_id);
	return TRUE;
}

void session_detach(Session *session)
{
	if (!session->attached)
		return;
	slot_release(session->hook_fd, session->path, session->programs);
	program_set_quiesce(session->programs);
	session->attached = FALSE;
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
	session_detach(session);
	program_set_free(session->programs);
	drop_held(session);
	g_array_unref(session->held);
	watch_free(session->watch);
	if (session->hook_fd >= 0)
		close(session->hook_fd);
	g_free(session->path);
	g_free(session);
}
