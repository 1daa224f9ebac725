// SPDX-License-Identifier: GPL-2.0-or-later
#include "broker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"
#include "channel.h"

G_DEFINE_QUARK(xdpshark_broker_error, broker_error)

struct Broker {
	int socket;
	gboolean looking; /* an answer to CALL_LOOK is outstanding */
};

struct BrokerSession {
	guint number;
	GArray *fds; /* RINGS_FDS of them */
	Rings rings;
	gboolean attached;
};

/* In the folder of our own program, as in a build; else where it is installed. */
static char *find_hookd(void)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;
	g_autofree char *beside = folder ? g_build_filename(folder, "xdpshark-hookd", NULL) : NULL;

	if (beside && g_file_test(beside, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&beside);
	return g_strdup(XDPSHARK_HOOKD);
}

/* Runs in the child until exec: only calls that are safe between fork and exec. Writes errno if it
 * fails. */
static void exec_hookd(const char *path, int socket, int report)
{
	char *const arguments[] = { "xdpshark-hookd", NULL };
	char *const environment[] = { NULL };
	int reason;

	if (dup2(socket, CALL_SOCKET_FD) == CALL_SOCKET_FD)
		execve(path, arguments, environment);
	reason = errno;
	if (write(report, &reason, sizeof(reason)) < 0)
		_exit(2);
	_exit(1);
}

/* errno of the child's exec, 0 if it went well. The process is not waited for: it ends after us. */
static int start_hookd(const char *path, int socket)
{
	int report[2], reason = 0;
	pid_t child;

	if (pipe2(report, O_CLOEXEC) < 0)
		return errno;
	/* Descriptors from 4 on: dup2() to 3 must hit none of them, and not be from 3 itself. */
	int end = fcntl(report[1], F_DUPFD_CLOEXEC, CALL_SOCKET_FD + 1);
	int theirs = fcntl(socket, F_DUPFD_CLOEXEC, CALL_SOCKET_FD + 1);
	child = end >= 0 && theirs >= 0 ? fork() : -1;
	if (child == 0)
		exec_hookd(path, theirs, end);
	if (child < 0)
		reason = errno;
	close(report[1]);
	if (end >= 0)
		close(end);
	if (theirs >= 0)
		close(theirs);
	if (child > 0 && read(report[0], &reason, sizeof(reason)) != sizeof(reason))
		reason = 0;
	close(report[0]);
	return reason;
}

static void set_start_error(GError **error, const char *path, int reason)
{
	if (reason == EACCES || reason == EPERM)
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_PERMISSION,
			    "no permission to run %s: only root and the members of its group may "
			    "see XDP hooks "
			    "('sudo usermod -aG wireshark %s', then log in again)",
			    path, g_get_user_name());
	else
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
			    "cannot run %s: %s: install xdpshark with 'cmake --install'", path,
			    g_strerror(reason));
}

/* The process's only one, once it was started. */
static Broker *running;

Broker *broker_get(GError **error)
{
	g_autofree char *path = NULL;
	int sockets[2], reason;

	if (running)
		return running;
	path = find_hookd();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) {
		set_start_error(error, path, errno);
		return NULL;
	}
	reason = start_hookd(path, sockets[1]);
	close(sockets[1]);
	if (reason != 0) {
		close(sockets[0]);
		set_start_error(error, path, reason);
		return NULL;
	}
	running = g_new0(Broker, 1);
	running->socket = sockets[0];
	return running;
}

int broker_fd(const Broker *broker)
{
	return broker->socket;
}

/* Those that are only told: GLib ends the process over G_LOG_LEVEL_ERROR. */
#define TOLD_LEVELS                                                                                \
	(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO |     \
	 G_LOG_LEVEL_DEBUG)

static void log_lines(GVariant *lines)
{
	guint32 level;
	const char *text;

	for (gsize i = 0; i < g_variant_n_children(lines); i++) {
		g_variant_get_child(lines, i, "(u&s)", &level, &text);
		g_log(G_LOG_DOMAIN, (GLogLevelFlags)(level & TOLD_LEVELS), "%s", text);
	}
}

static void set_ended_error(GError **error, const char *method)
{
	g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
		    "xdpshark-hookd has ended (during %s): try again; what it left in a hook's "
		    "slots the next capture removes",
		    method);
}

/* The answer to a request that was sent, of the type given; see call(). */
static GVariant *receive(Broker *broker, const char *method, const char *type, GArray *fds,
			 GError **error)
{
	g_autoptr(GVariant) reply =
		channel_receive(broker->socket, G_VARIANT_TYPE(CALL_REPLY_TYPE), fds);
	g_autoptr(GVariant) lines = NULL, result = NULL;
	const char *domain, *message;
	gboolean done;
	gint32 code;

	if (!reply) {
		set_ended_error(error, method);
		return NULL;
	}
	g_variant_get(reply, "(b&si&s@a(us)v)", &done, &domain, &code, &message, &lines, &result);
	log_lines(lines);
	if (done && g_variant_is_of_type(result, G_VARIANT_TYPE(type)))
		return g_steal_pointer(&result);
	if (done)
		g_set_error(
			error, BROKER_ERROR, BROKER_ERROR_FAILED,
			"xdpshark-hookd is of another version than xdpshark: install both again");
	else
		g_set_error_literal(error, g_quark_from_string(domain), code, message);
	return NULL;
}

/* News that nobody has waited for: the capture ends. */
static void drop_news(Broker *broker)
{
	GVariant *news = receive(broker, CALL_LOOK, CALL_LOOK_RESULT_TYPE, NULL, NULL);

	broker->looking = FALSE;
	g_clear_pointer(&news, g_variant_unref);
}

/* Asks; the result is of the type given. fds: for descriptors that come with it, or NULL. */
static GVariant *call(const char *method, GVariant *arguments, const char *type, GArray *fds,
		      GError **error)
{
	g_autoptr(GVariant) held = g_variant_ref_sink(arguments);
	Broker *broker = broker_get(error);

	if (!broker)
		return NULL;
	if (broker->looking)
		drop_news(broker);
	if (channel_send(broker->socket, g_variant_new(CALL_REQUEST_TYPE, method, held), NULL, 0))
		return receive(broker, method, type, fds, error);
	set_ended_error(error, method);
	return NULL;
}

char *broker_hookd_path(void)
{
	return find_hookd();
}

GPtrArray *broker_examine(const char *const *names, GError **error)
{
	const char *const all[] = { NULL };
	g_autoptr(GVariant) result = call(CALL_EXAMINE, g_variant_new("(^as)", names ? names : all),
					  CALL_EXAMINE_RESULT_TYPE, NULL, error);

	return result ? findings_from_variant(result) : NULL;
}

GPtrArray *broker_list_hooks(GError **error)
{
	g_autoptr(GVariant) result =
		call(CALL_LIST_HOOKS, g_variant_new("()"), "a" HOOK_VARIANT_TYPE, NULL, error);

	return result ? hooks_from_variant(result) : NULL;
}

GPtrArray *broker_survey(GPtrArray **ret_hookless, GError **error)
{
	g_autoptr(GVariant) result =
		call(CALL_SURVEY, g_variant_new("()"), CALL_SURVEY_RESULT_TYPE, NULL, error);
	g_autoptr(GVariant) hooks = NULL, hookless = NULL;

	if (!result)
		return NULL;
	g_variant_get(result, "(@a" HOOK_VARIANT_TYPE "@a" HOOK_VARIANT_TYPE ")", &hooks,
		      &hookless);
	*ret_hookless = hooks_from_variant(hookless);
	return hooks_from_variant(hooks);
}

Hook *broker_open_hook(const char *path, GError **error)
{
	g_autoptr(GVariant) result =
		call(CALL_OPEN_HOOK, g_variant_new("(^ay)", path), HOOK_VARIANT_TYPE, NULL, error);

	return result ? hook_from_variant(result) : NULL;
}

static GVariant *code_to_variant(const struct sock_filter *code, gsize length)
{
	/* One 64-bit number for each, which keeps them aligned. */
	return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, code, length, sizeof(*code));
}

gboolean broker_check_filter(const struct sock_filter *filter, gsize length, GError **error)
{
	g_autoptr(GVariant) result =
		call(CALL_CHECK_FILTER, g_variant_new("(@at)", code_to_variant(filter, length)),
		     "()", NULL, error);

	return result != NULL;
}

void broker_session_free(BrokerSession *session)
{
	if (!session)
		return;
	broker_session_detach(session);
	for (guint i = 0; i < session->fds->len; i++)
		close(g_array_index(session->fds, int, i));
	g_array_unref(session->fds);
	g_free(session);
}

BrokerSession *broker_session_open(const SessionRequest *request, GError **error)
{
	static guint opened; /* xdpshark-hookd counts them likewise */
	BrokerSession *session = g_new0(BrokerSession, 1);
	g_autoptr(GVariant) result = NULL;

	session->fds = g_array_new(FALSE, FALSE, sizeof(int));
	result = call(CALL_OPEN_SESSION,
		      g_variant_new("(^ayu@atuuuubt)", request->path, request->map_id,
				    code_to_variant(request->filter, request->filter_length),
				    request->snaplen, request->sample, request->rate,
				    request->actions, request->share_foreign,
				    (guint64)request->ring_size),
		      CALL_SESSION_RESULT_TYPE, session->fds, error);
	if (result)
		g_variant_get(result, CALL_SESSION_RESULT_TYPE, &session->rings.segment_count,
			      &session->rings.segment_size, &session->rings.cpu_count);
	if (result && session->fds->len == RINGS_FDS) {
		session->rings.segments = g_array_index(session->fds, int, 0);
		session->rings.cpus = g_array_index(session->fds, int, 1);
		session->rings.control = g_array_index(session->fds, int, 2);
		session->rings.wake = g_array_index(session->fds, int, 3);
		session->number = opened++;
		return session;
	}
	if (result)
		g_set_error(error, BROKER_ERROR, BROKER_ERROR_FAILED,
			    "xdpshark-hookd gave %u descriptors, not %u", session->fds->len,
			    RINGS_FDS);
	broker_session_free(session);
	return NULL;
}

const Rings *broker_session_rings(const BrokerSession *session)
{
	return &session->rings;
}

gboolean broker_session_attach(BrokerSession *session, GError **error)
{
	g_autoptr(GVariant) result =
		call(CALL_ATTACH_SESSION, g_variant_new("(u)", session->number), "()", NULL, error);

	session->attached = result != NULL;
	return session->attached;
}

void broker_session_detach(BrokerSession *session)
{
	g_autoptr(GVariant) done = NULL;
	g_autoptr(GError) error = NULL;

	if (!session->attached)
		return;
	session->attached = FALSE;
	done = call(CALL_DETACH_SESSION, g_variant_new("(u)", session->number), "()", NULL, &error);
	if (!done && error)
		g_warning("%s", error->message);
}

gboolean broker_session_move(BrokerSession *session, guint32 map_id, guint64 *ret_since,
			     GError **error)
{
	g_autoptr(GVariant) result =
		call(CALL_MOVE_SESSION, g_variant_new("(uu)", session->number, map_id),
		     CALL_MOVE_RESULT_TYPE, NULL, error);

	if (result)
		g_variant_get(result, CALL_MOVE_RESULT_TYPE, ret_since);
	return result != NULL;
}

void broker_look(Broker *broker, const GArray *wanted)
{
	GVariant *numbers;

	if (broker->looking)
		return;
	numbers = g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, wanted->data, wanted->len,
					    sizeof(guint32));
	broker->looking = channel_send(
		broker->socket,
		g_variant_new(CALL_REQUEST_TYPE, CALL_LOOK, g_variant_new("(@au)", numbers)), NULL,
		0);
}

static Hook *maybe_hook(GVariant *hooks)
{
	g_autoptr(GVariant) hook =
		g_variant_n_children(hooks) > 0 ? g_variant_get_child_value(hooks, 0) : NULL;

	return hook ? hook_from_variant(hook) : NULL;
}

static void news_free(gpointer data)
{
	SessionNews *news = data;

	hook_free(news->users);
	hook_free(news->pinned);
	g_free(news->remark);
	g_free(news);
}

GPtrArray *broker_take_news(Broker *broker, GError **error)
{
	g_autoptr(GVariant) result = NULL;
	GPtrArray *all;

	broker->looking = FALSE;
	result = receive(broker, CALL_LOOK, CALL_LOOK_RESULT_TYPE, NULL, error);
	if (!result)
		return NULL;
	all = g_ptr_array_new_with_free_func(news_free);
	for (gsize i = 0; i < g_variant_n_children(result); i++) {
		SessionNews *news = g_new0(SessionNews, 1);
		g_autoptr(GVariant) users = NULL, pinned = NULL;
		guint32 pin;

		g_variant_get_child(result, i, "(us@a" HOOK_VARIANT_TYPE "@a" HOOK_VARIANT_TYPE ")",
				    &pin, &news->remark, &users, &pinned);
		news->pin = (PinState)MIN(pin, PIN_FOREIGN);
		news->users = maybe_hook(users);
		news->pinned = maybe_hook(pinned);
		g_ptr_array_add(all, news);
	}
	return all;
}
