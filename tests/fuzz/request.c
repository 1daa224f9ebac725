// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any bytes over the socket to xdpshark-hookd, which has privilege. Its own
 * source is part of this, with functions in place of those that touch hooks and BPF, so that
 * nothing happens on the machine.
 */
int hookd_main(void);
#define main hookd_main
#include "../../extcap/hookd/request.c"		// NOLINT(bugprone-suspicious-include)
#include "../../extcap/hookd/hookd.c"		// NOLINT(bugprone-suspicious-include)
#include "../../extcap/hookd/request_session.c" // NOLINT(bugprone-suspicious-include)
#undef main

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cbpf/cbpf.h>

#include "fuzz.h"

#define FUZZ_ERROR (g_quark_from_static_string("fuzz_error"))

/* Stays in the socket's buffer. */
#define INPUT_MAX 16384

/* A filter is compiled up to here; core-fuzz does the same with less around it. */
#define COMPILED_MAX 64

static int input;
static Hookd hookd;

struct Session {
	Rings rings;
	gboolean attached;
};

/* Reads all that it is given. */
static void look_at(const char *path, const struct sock_filter *code, gsize length)
{
	struct cbpf_options options = { .size = sizeof(options) };
	struct cbpf_program *program = NULL;
	struct cbpf_error reason;
	guint64 sum = 0;

	for (gsize i = 0; i < length; i++)
		sum += code[i].code + code[i].jt + code[i].jf + code[i].k;
	FUZZ_CHECK(sum <= length * (G_MAXUINT16 + 2ULL * G_MAXUINT8 + G_MAXUINT32));
	FUZZ_CHECK(!path || strlen(path) < INPUT_MAX);
	if (length <= COMPILED_MAX && cbpf_compile(code, length, &options, &program, &reason) == 0)
		cbpf_program_free(program);
}

GPtrArray *examine_machine(const char *const *names)
{
	GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

	for (; *names; names++) {
		Finding *finding = g_new0(Finding, 1);

		finding->name = g_strdup(*names);
		finding->detail = g_strdup("\xff");
		g_ptr_array_add(findings, finding);
	}
	return findings;
}

static Point *open_hook(const char *path, GError **error)
{
	Point *hook;

	look_at(path, NULL, 0);
	g_info("looked at %s", path);
	if (path[0] != '/') {
		g_set_error(error, FUZZ_ERROR, 1, "%s: no hook", path);
		return NULL;
	}
	hook = point_new(&source_hook);
	hook->address = g_strdup(path);
	hook->name = g_path_get_basename(path);
	return hook;
}

static GPtrArray *describe_hooks(const char *const *paths, GError **error)
{
	g_autoptr(GPtrArray) hooks = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (; *paths; paths++) {
		Point *hook = open_hook(*paths, error);

		if (!hook)
			return NULL;
		g_ptr_array_add(hooks, hook);
	}
	return g_steal_pointer(&hooks);
}

static GPtrArray *list_hooks(GPtrArray **ret_others, GError **error)
{
	GPtrArray *hooks = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	g_ptr_array_add(hooks, open_hook("/sys/fs/bpf/fw", error));
	if (ret_others)
		*ret_others = list_hooks(NULL, error);
	return hooks;
}

static const Source source = { .type = &source_hook,
			       .list = list_hooks,
			       .describe = describe_hooks };

const Source *const sources[] = { &source, NULL };

gboolean program_check_filter(const struct sock_filter *filter, gsize length, GError **error)
{
	look_at(NULL, filter, length);
	if (filter[0].code == 0)
		g_set_error(error, FUZZ_ERROR, 2, "refused");
	return filter[0].code != 0;
}

/* This process stays what it is, and root's. */
gboolean confine_leave_caller(void)
{
	return TRUE;
}

gboolean confine_begin(GError **error G_GNUC_UNUSED)
{
	return TRUE;
}

uid_t confine_caller(void)
{
	return 0;
}

static int open_memory(void)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_CHECK(fd > CALL_SOCKET_FD && ftruncate(fd, sysconf(_SC_PAGESIZE)) == 0);
	return fd;
}

Session *session_open(const SessionRequest *request, GError **error)
{
	Session *session;

	look_at(request->address, request->filter, request->filter_length);
	FUZZ_CHECK(request->ring_size == 0 ||
		   (request->ring_size >= RING_MIN && request->ring_size <= RING_MAX));
	if (request->address[0] != '/') {
		g_set_error(error, FUZZ_ERROR, 3, "%s: no hook", request->address);
		return NULL;
	}
	session = g_new0(Session, 1);
	session->rings = (Rings){
		.segments = open_memory(),
		.segment_count = 2,
		.segment_size = 131072,
		.cpus = open_memory(),
		.cpu_count = 1,
		.control = open_memory(),
		.wake = open_memory(),
	};
	return session;
}

gboolean session_attach_all(const GPtrArray *sessions, GError **error G_GNUC_UNUSED)
{
	for (guint i = 0; i < sessions->len; i++)
		((Session *)g_ptr_array_index(sessions, i))->attached = TRUE;
	return TRUE;
}

gboolean session_detach_all(const GPtrArray *sessions, GError **error)
{
	for (guint i = 0; i < sessions->len; i++) {
		Session *session = g_ptr_array_index(sessions, i);

		if (!session->attached) {
			g_set_error(error, FUZZ_ERROR, 5, "not attached");
			return FALSE;
		}
		session->attached = FALSE;
	}
	return TRUE;
}

void session_end_all(const GPtrArray *sessions)
{
	for (guint i = 0; i < sessions->len; i++)
		((Session *)g_ptr_array_index(sessions, i))->attached = FALSE;
}

void session_beat(const Session *session)
{
	FUZZ_CHECK(session->rings.segments > CALL_SOCKET_FD);
}

void session_mend(Session *session)
{
	FUZZ_CHECK(session->rings.segments > CALL_SOCKET_FD);
}

void session_guard(Session *session)
{
	session_mend(session);
}

void session_look(Session *session, SessionNews *ret_news)
{
	static guint looks;

	session_mend(session);
	*ret_news = (SessionNews){ .pin = looks++ % (PIN_FOREIGN + 1) };
	if (ret_news->pin == PIN_FOREIGN)
		ret_news->remark = g_strdup("it is a map of type 1");
	if (ret_news->pin == PIN_KEPT)
		ret_news->refusal = g_strdup("it is a jump table \xff");
	if (ret_news->pin == PIN_REPLACED)
		ret_news->pinned = open_hook("/sys/fs/bpf/fw", NULL);
}

void session_attachment(const Session *session, Attachment *ret_attachment)
{
	*ret_attachment = (Attachment){ .frozen = session->attached };
	ret_attachment->absences[XDPSHARK_ACTIONS - 1] =
		(Absence){ .state = SLOT_OVERWRITTEN, .program_name = "\xff", .times = 1 };
}

GPtrArray *session_names(Session *session)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(session_name_free);

	session_mend(session);
	g_ptr_array_add(names, session_name_new(SESSION_NAME_REASON, 2, "NO_SOCKET"));
	return names;
}

void session_expect(Session *session)
{
	session_mend(session);
}

gboolean session_move(Session *session, guint32 id, guint64 *ret_since, GError **error)
{
	session_mend(session);
	*ret_since = 1;
	if (id == 0)
		g_set_error(error, FUZZ_ERROR, 4, "no hook");
	return id != 0;
}

void session_share_brake(const Session *session G_GNUC_UNUSED,
			 const GPtrArray *sessions G_GNUC_UNUSED)
{
}

gboolean session_change(Session *session, const SessionRequest *change, GError **error)
{
	session_mend(session);
	look_at(NULL, change->filter, change->filter_length);
	if (change->paused)
		g_set_error(error, FUZZ_ERROR, 6, "not now");
	return !change->paused;
}

const SourceType *session_type(const Session *session G_GNUC_UNUSED)
{
	return &source_hook;
}

const Rings *session_rings(const Session *session)
{
	return &session->rings;
}

void session_free(Session *session)
{
	close(session->rings.segments);
	close(session->rings.cpus);
	close(session->rings.control);
	close(session->rings.wake);
	g_free(session);
}

/* The socket where xdpshark-hookd finds it; the other end is ours. */
static void open_sockets(void)
{
	int sockets[2];

	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
	/* Out of the way of descriptor 3 first. */
	input = fcntl(sockets[0], F_DUPFD_CLOEXEC, CALL_SOCKET_FD + 1);
	FUZZ_CHECK(input > CALL_SOCKET_FD);
	FUZZ_CHECK(dup2(sockets[1], CALL_SOCKET_FD) == CALL_SOCKET_FD);
	for (gsize i = 0; i < G_N_ELEMENTS(sockets); i++)
		if (sockets[i] != CALL_SOCKET_FD)
			close(sockets[i]);
}

static void drop_replies(void)
{
	char buffer[65536];

	while (recv(input, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
}

/* What is logged goes with the answer. */
static void log_both(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
	fuzz_log(domain, level, message, data);
	remember_log(domain, level, message, &hookd);
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	/* So that nothing else takes it. */
	while (open("/dev/null", O_RDWR | O_CLOEXEC) < CALL_SOCKET_FD)
		;
	fuzz_begin();
	begin_log(&hookd);
	g_log_set_default_handler(log_both, NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > INPUT_MAX)
		return 0;
	open_sockets();
	FUZZ_CHECK(send(input, data, size, 0) == (gssize)size || size == 0);
	shutdown(input, SHUT_WR);
	hookd.sessions = g_ptr_array_new_with_free_func((GDestroyNotify)session_free);
	while (serve_request(&hookd)) {
		beat(&hookd);
		guard_sessions(&hookd);
		request_mend(&hookd);
		drop_replies();
	}
	g_ptr_array_unref(hookd.sessions);
	close(input);
	return 0;
}
