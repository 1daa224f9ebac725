// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <unistd.h>

#include <bpf/bpf.h>

#include "hook.h"
#include "program.h"
#include "slot.h"

struct Session {
	char *path;
	int hook_fd;
	guint actions;
	gboolean share_foreign;
	ProgramSet *programs;
	GArray *held; /* see slot_fill() */
	gboolean attached;
};

#define ALL_ACTIONS ((1U << XDPSHARK_ACTIONS) - 1)

/* Hooks of old programs have four slots: there is none for XDP_REDIRECT. All actions, as
 * Wireshark's dialog asks for them when nothing is changed in it, are all that there are. */
static gboolean choose_actions(Session *session, guint wanted, GError **error)
{
	struct bpf_map_info info = {};
	guint32 size = sizeof(info);
	guint available = ALL_ACTIONS;

	if (bpf_obj_get_info_by_fd(session->hook_fd, &info, &size) == 0 &&
	    info.max_entries < XDPSHARK_ACTIONS)
		available = (1U << info.max_entries) - 1;
	wanted &= ALL_ACTIONS;
	session->actions = wanted == 0 || wanted == ALL_ACTIONS ? available : wanted;
	if ((session->actions & ~available) == 0)
		return TRUE;
	g_set_error(error, SLOT_ERROR, SLOT_ERROR_FAILED,
		    "hook %s has %u slots, and so none for REDIRECT: leave that action out",
		    session->path, info.max_entries);
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
	session->hook_fd = hook_open_map(request->path, error);
	if (session->hook_fd < 0 || !choose_actions(session, request->actions, error) ||
	    !slot_claim(session->hook_fd, session->path, session->actions, session->share_foreign,
			error))
		return NULL;
	programs.actions = session->actions;
	programs.kind = kind_of_hook(session->hook_fd, session->path, error);
	if (!programs.kind)
		return NULL;
	session->programs = program_set_load(&programs, error);
	if (!session->programs || !slot_sign(program_set_rings(session->programs)->control, error))
		return NULL;
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
	for (guint i = 0; i < session->held->len; i++)
		close(g_array_index(session->held, int, i));
	g_array_unref(session->held);
	if (session->hook_fd >= 0)
		close(session->hook_fd);
	g_free(session->path);
	g_free(session);
}
