// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdpshark-hookd: the privileged part of xdpshark. The program starts it and talks to it over a
 * socket pair. It finds hooks, loads the capture programs with a filter given as classic BPF, takes
 * the slots, and returns the rings. It reads no packets, writes no files but those in
 * CONFINE_FOLDER, and ignores its arguments and environment. When the socket closes, it gives the
 * slots back.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "call.h"
#include "channel.h"
#include "confine.h"
#include "quota.h"
#include "request.h"

/* The programs of a capture stop copying some seconds after the last beat (HEARTBEAT_LIMIT_NS in
 * bpf/ring.bpf.h). */
#define BEAT_INTERVAL_MS 300
/* A message must have arrived or been taken completely within this time: a slow caller must not
 * keep us from giving the slots back. */
#define MESSAGE_LIMIT_US ((gint64)15 * G_USEC_PER_SEC)

/* Log lines that wait for the next answer, at most: a client that never asks must not make us
 * grow. */
#define LOG_MAX 1000

static void begin_log(Hookd *hookd)
{
	g_variant_builder_init(&hookd->log, G_VARIANT_TYPE("a(us)"));
	hookd->logged = 0;
}

static void remember_log(const gchar *domain G_GNUC_UNUSED, GLogLevelFlags level,
			 const gchar *message, gpointer data)
{
	Hookd *hookd = data;
	g_autofree char *valid = g_utf8_make_valid(message, -1);

	if (hookd->logged++ >= LOG_MAX)
		return;
	g_variant_builder_add(&hookd->log, "(us)", (guint32)(level & G_LOG_LEVEL_MASK), valid);
}

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (level == LIBBPF_DEBUG)
		return 0; /* too much, for each program */
	text = g_strchomp(g_strdup_vprintf(format, arguments));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		g_debug("%s", *line);
	return 0;
}

static void beat(const Hookd *hookd)
{
	for (guint i = 0; i < hookd->sessions->len; i++)
		session_beat(g_ptr_array_index(hookd->sessions, i));
}

static void guard_sessions(const Hookd *hookd)
{
	for (guint i = 0; i < hookd->sessions->len; i++)
		session_guard(g_ptr_array_index(hookd->sessions, i));
}

/* data is the deadline, monotonic, in us. */
static gboolean wait_for_caller(int socket, short events, gpointer data)
{
	gint64 left = *(const gint64 *)data - g_get_monotonic_time();
	struct pollfd poller = { .fd = socket, .events = events };

	return left > 0 && poll(&poller, 1, (int)(left / 1000) + 1) >= 0;
}

/* Serves one request. FALSE if the other side is gone or talks nonsense. */
static gboolean serve_request(Hookd *hookd)
{
	gint64 over = g_get_monotonic_time() + MESSAGE_LIMIT_US;
	const ChannelPatience patience = { wait_for_caller, &over };
	g_autoptr(GVariant) request =
		channel_receive(CALL_SOCKET_FD, G_VARIANT_TYPE(CALL_REQUEST_TYPE), NULL, &patience);
	g_autoptr(GVariant) arguments = NULL, result = NULL;
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
	g_autoptr(GError) error = NULL;
	g_autofree char *message = NULL;
	const char *method;
	gboolean sent;

	if (!request)
		return FALSE;
	g_variant_get(request, "(&sv)", &method, &arguments);
	result = request_answer(hookd, method, arguments, fds, &error);
	if (result)
		g_variant_ref_sink(result);
	message = g_utf8_make_valid(error ? error->message : "", -1);
	over = g_get_monotonic_time() + MESSAGE_LIMIT_US;
	sent = channel_send(CALL_SOCKET_FD,
			    g_variant_new("(bsisa(us)v)", result != NULL,
					  error ? g_quark_to_string(error->domain) : "",
					  error ? error->code : 0, message, &hookd->log,
					  result ? result : g_variant_new("()")),
			    (const int *)(const void *)fds->data, fds->len, &patience);
	begin_log(hookd);
	return sent;
}

int main(void)
{
	Hookd hookd = { 0 };
	struct pollfd poller = { .fd = CALL_SOCKET_FD, .events = POLLIN };

	if (!confine_leave_caller()) {
		static const char text[] = "xdpshark-hookd is started by xdpshark, not by hand\n";

		return write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 1 : 2;
	}
	begin_log(&hookd);
	g_log_set_default_handler(remember_log, &hookd);
	confine_begin(&hookd.refusal);
	quota_set_caller(confine_caller());
	libbpf_set_print(log_libbpf);
	hookd.sessions = g_ptr_array_new_with_free_func((GDestroyNotify)session_free);
	for (;;) {
		int ready = poll(&poller, 1, hookd.sessions->len > 0 ? BEAT_INTERVAL_MS : -1);

		beat(&hookd);
		guard_sessions(&hookd);
		if (ready > 0 && !serve_request(&hookd))
			break;
		if (g_get_monotonic_time() >= hookd.next_mend)
			request_mend(&hookd);
		if (ready < 0 && errno != EINTR)
			break;
	}
	request_end(&hookd);
	g_log_set_default_handler(g_log_default_handler, NULL);
	g_variant_builder_clear(&hookd.log);
	g_clear_error(&hookd.refusal);
	return 0;
}
