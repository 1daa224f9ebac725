// SPDX-License-Identifier: GPL-2.0-or-later
#include "remotes.h"

#include "monotonic.h"

/* How long the others wait for the last ones to begin. */
#define LATECOMERS_NS 1000000000
#define TURN_MS	      100

/* How long an offer may take that is sent with the head of the packets. */
#define OFFER_NS 1000000000

static RemoteInput *remote_at(const GPtrArray *remotes, guint index)
{
	return g_ptr_array_index(remotes, index);
}

GPtrArray *remotes_new(const GPtrArray *hosts, const RemoteRequest *request, GError **error)
{
	g_autoptr(GPtrArray) remotes =
		g_ptr_array_new_with_free_func((GDestroyNotify)remote_input_free);

	for (guint i = 0; i < hosts->len; i++) {
		RemoteInput *remote = remote_input_new(g_ptr_array_index(hosts, i), request, error);

		if (!remote)
			return NULL;
		g_ptr_array_add(remotes, remote);
	}
	return g_steal_pointer(&remotes);
}

static gboolean do_nothing(gpointer data G_GNUC_UNUSED)
{
	return G_SOURCE_CONTINUE;
}

/* At most one more turn of the main loop, which reads what comes from the hosts. */
static void take_turn(void)
{
	guint timeout = g_timeout_add(TURN_MS, do_nothing, NULL);

	g_main_context_iteration(NULL, TRUE);
	g_source_remove(timeout);
}

static guint count_begun(const GPtrArray *remotes)
{
	guint begun = 0;

	for (guint i = 0; i < remotes->len; i++)
		begun += remote_input_has_begun(remote_at(remotes, i));
	return begun;
}

static guint count_ended(const GPtrArray *remotes)
{
	const GError *reason;
	guint ended = 0;

	for (guint i = 0; i < remotes->len; i++)
		ended += remote_input_has_ended(remote_at(remotes, i), &reason);
	return ended;
}

/* Those that are neither captured nor given up. */
static guint count_open(const GPtrArray *remotes)
{
	const GError *reason;
	guint open = 0;

	for (guint i = 0; i < remotes->len; i++)
		open += !remote_input_has_begun(remote_at(remotes, i)) &&
			!remote_input_has_ended(remote_at(remotes, i), &reason);
	return open;
}

gboolean remotes_await(const GPtrArray *remotes, GError **error)
{
	guint64 first = 0, checked = monotonic_now();

	while (count_open(remotes) > 0) {
		guint64 now = monotonic_now();

		if (first == 0 && count_begun(remotes) > 0)
			first = now;
		if (first > 0 && now - first > LATECOMERS_NS)
			return TRUE;
		if (now - checked > 1000000000) {
			remotes_check(remotes);
			checked = now;
		}
		take_turn();
	}
	return count_begun(remotes) > 0 || remotes->len == 0 || remotes_examine(remotes, error);
}

Changes *remotes_changes(const GPtrArray *remotes)
{
	guint64 begun = monotonic_now();
	const GError *reason;
	Changes *changes;

	if (remotes->len != 1)
		return NULL;
	while (!(changes = remote_input_changes(remote_at(remotes, 0))) &&
	       !remote_input_has_ended(remote_at(remotes, 0), &reason) &&
	       monotonic_now() - begun < OFFER_NS)
		take_turn();
	return changes;
}

void remotes_check(const GPtrArray *remotes)
{
	for (guint i = 0; i < remotes->len; i++)
		remote_input_check(remote_at(remotes, i));
}

gboolean remotes_have_ended(const GPtrArray *remotes)
{
	return remotes->len > 0 && count_ended(remotes) == remotes->len;
}

void remotes_stop(const GPtrArray *remotes)
{
	for (guint i = 0; i < remotes->len; i++)
		remote_input_stop(remote_at(remotes, i));
}

void remotes_finish(const GPtrArray *remotes, guint limit_ms, PumpCancelled *is_cancelled,
		    gpointer data)
{
	guint64 deadline = monotonic_now() + (guint64)limit_ms * 1000000;

	while (count_ended(remotes) < remotes->len && monotonic_now() < deadline &&
	       !is_cancelled(data)) {
		take_turn();
	}
	for (guint i = 0; i < remotes->len; i++)
		remote_input_give_up(remote_at(remotes, i));
}

gboolean remotes_examine(const GPtrArray *remotes, GError **error)
{
	const GError *reason;
	guint failed = 0;

	for (guint i = 0; i < remotes->len; i++) {
		remote_input_has_ended(remote_at(remotes, i), &reason);
		failed += reason != NULL;
		if (reason && remotes->len == 1) {
			g_propagate_error(error, g_error_copy(reason));
			return FALSE;
		}
	}
	if (failed == 0)
		return TRUE;
	g_set_error(error, REMOTE_ERROR, REMOTE_ERROR_FAILED,
		    "%u of %u hosts failed, as was said before", failed, remotes->len);
	return FALSE;
}
