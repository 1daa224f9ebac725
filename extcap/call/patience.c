// SPDX-License-Identifier: GPL-2.0-or-later
#include "patience.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>

#include "broker.h"
#include "call.h"

/* Enough for a slow and busy machine: many programs and network namespaces may have to be walked,
 * and others may hold the hook's lock. */
#define LIMIT_MS 30000

/* Exceptions. */
static const struct {
	const char *method;
	guint limit_ms;
} limits[] = {
	/* The verifier may look at a million instructions. */
	{ CALL_CHECK_FILTER, 120000 },
	{ CALL_OPEN_MATCH, 120000 },
	{ CALL_OPEN_SESSION, 120000 },
	/* A capture ends within 10 s: the rest of them is for writing the output. */
	{ CALL_DETACH_SESSIONS, 6000 },
	/* Only waited for once the answer has begun to arrive, or when the capture ends. */
	{ CALL_LOOK, 6000 },
	{ CALL_CHANGE_SESSION, 6000 },
};

/* A stopped process (SIGSTOP) does not go on by itself. */
#define STOPPED_LIMIT_MS  3000
/* After somebody has asked to end. */
#define CANCELED_LIMIT_MS 3000
/* How often to check for both. */
#define SLICE_MS	  250

Patience patience_begin(const char *method, pid_t pid, int cancel_fd)
{
	Patience patience = { .pid = pid, .cancel_fd = cancel_fd };
	guint limit_ms = LIMIT_MS;

	for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
		if (strcmp(limits[i].method, method) == 0)
			limit_ms = limits[i].limit_ms;
	patience.deadline = g_get_monotonic_time() + (gint64)limit_ms * 1000;
	return patience;
}

/* The kernel tells the parent, even if the child has changed its credentials. */
static gboolean is_stopped(pid_t pid)
{
	siginfo_t info = { 0 };

	return pid > 0 && waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == pid;
}

/* Shortens the wait if the process was stopped or somebody wants to end. */
static void look_around(Patience *patience, gint64 now)
{
	struct pollfd cancel = { .fd = patience->cancel_fd, .events = POLLIN };

	if (!is_stopped(patience->pid))
		patience->stopped_since = 0;
	else if (patience->stopped_since == 0)
		patience->stopped_since = now;
	if (!patience->canceled && poll(&cancel, 1, 0) > 0) {
		patience->canceled = TRUE;
		patience->deadline =
			MIN(patience->deadline, now + (gint64)CANCELED_LIMIT_MS * 1000);
	}
}

static gboolean is_over(const Patience *patience, gint64 now)
{
	return now >= patience->deadline ||
	       (patience->stopped_since > 0 &&
		now - patience->stopped_since >= (gint64)STOPPED_LIMIT_MS * 1000);
}

static gboolean wait_for_socket(int socket, short events, gpointer data)
{
	Patience *patience = data;
	struct pollfd ready = { .fd = socket, .events = events };

	while (!is_over(patience, g_get_monotonic_time())) {
		if (poll(&ready, 1, SLICE_MS) > 0)
			return TRUE;
		look_around(patience, g_get_monotonic_time());
	}
	patience->over = TRUE;
	return FALSE;
}

ChannelPatience patience_for_channel(Patience *patience)
{
	return (ChannelPatience){ .wait = wait_for_socket, .data = patience };
}

void patience_set_error(const Patience *patience, const char *method, GError **error)
{
	int pid = patience->pid;

	if (is_stopped(pid))
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_SILENT,
			    "xdpshark-hookd (process %d) is stopped and does not answer (during "
			    "%s): let it go on (kill -CONT %d) or end it (kill -KILL %d)",
			    pid, method, pid, pid);
	else
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_SILENT,
			    "xdpshark-hookd (process %d) does not answer (during %s): find out "
			    "what keeps it, or end it (kill -KILL %d)",
			    pid, method, pid);
}
