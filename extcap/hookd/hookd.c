// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdpshark-hookd: the part of xdpshark that has privilege. Started by the program, which speaks to
 * it over a socket pair: it finds hooks, loads the capture programs with the filter that it is
 * given as classic BPF, takes the slots, and hands back the rings. It reads no packet and writes no
 * file, and takes nothing from its arguments or its environment. When the socket closes, it gives
 * the slots back.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "call.h"
#include "channel.h"
#include "confine.h"
#include "device_code.h"
#include "examine.h"
#include "file_limit.h"
#include "hook_find.h"
#include "match.h"
#include "monotonic.h"
#include "program.h"
#include "quota.h"
#include "session.h"

/* The programs of a capture copy nothing any more some seconds after the last beat
 * (HEARTBEAT_LIMIT_NS in bpf/ring.bpf.h). */
#define BEAT_INTERVAL_MS 300
/* The slots are looked at so often, whatever is asked; and with each CALL_LOOK, which comes each
 * second. */
#define MEND_INTERVAL_US (3 * G_USEC_PER_SEC / 2)

/* A message must be there whole, or be taken, after that time: who holds it up may not keep us from
 * leaving the slots to others. */
#define MESSAGE_LIMIT_US ((gint64)15 * G_USEC_PER_SEC)

/* Filters that are tried, of two programs each, between two waits for the kernel. */
#define MATCHES_UNPACED 8

/* Captures that are freed, of up to five programs each, between two such waits. */
#define SESSIONS_UNPACED 8

/* What a user may ask for. */
#define RING_MIN 4096
#define RING_MAX ((guint64)256 * 1024 * 1024)

static struct {
	GPtrArray *sessions; /* Session * */
	Match *match;	     /* that of CALL_OPEN_MATCH, or NULL */
	guint matches;	     /* so many of them were opened */
	GVariantBuilder log; /* what is logged goes with the next answer */
	guint logged;	     /* lines in it */
	gint64 next_mend;    /* monotonic, in us */
	GError *refusal;     /* to all that is asked, if we could not be confined */
} hookd;

/* Files that are open for a session, and for a while to open and watch it: 25 were seen, besides
 * those held for others in its chains. */
#define SESSION_FILES 32

#define HOOKD_ERROR (g_quark_from_static_string("xdpshark_hookd_error"))

/* Lines that wait for the next answer, at most: a client that asks for none must not make us grow.
 */
#define LOG_MAX 1000

static void begin_log(void)
{
	g_variant_builder_init(&hookd.log, G_VARIANT_TYPE("a(us)"));
	hookd.logged = 0;
}

static void remember_log(const gchar *domain G_GNUC_UNUSED, GLogLevelFlags level,
			 const gchar *message, gpointer data G_GNUC_UNUSED)
{
	g_autofree char *valid = g_utf8_make_valid(message, -1);

	if (hookd.logged++ >= LOG_MAX)
		return;
	g_variant_builder_add(&hookd.log, "(us)", (guint32)(level & G_LOG_LEVEL_MASK), valid);
}

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (level == LIBBPF_DEBUG)
		return 0; /* much, for each program */
	text = g_strchomp(g_strdup_vprintf(format, arguments));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		g_debug("%s", *line);
	return 0;
}

static GVariant *list_hooks(GVariant *arguments G_GNUC_UNUSED, GArray *fds G_GNUC_UNUSED,
			    GError **error)
{
	g_autoptr(GPtrArray) hooks = hook_list(error);

	return hooks ? points_to_variant(hooks) : NULL;
}

static GVariant *survey(GVariant *arguments G_GNUC_UNUSED, GArray *fds G_GNUC_UNUSED,
			GError **error)
{
	g_autoptr(GPtrArray) hookless = NULL;
	g_autoptr(GPtrArray) hooks = hook_survey(&hookless, error);

	return hooks ? g_variant_new("(@a" POINT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE ")",
				     points_to_variant(hooks), points_to_variant(hookless))
		     : NULL;
}

static GVariant *open_hooks(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autofree const char **paths = NULL;
	g_autoptr(GPtrArray) hooks = NULL;

	/* A capture comes next, most likely. */
	device_code_begin();
	g_variant_get(arguments, "(^a&ay)", &paths);
	hooks = hook_open_all(paths, error);
	return hooks ? points_to_variant(hooks) : NULL;
}

/* The instructions of a message, owned by it; FALSE if there are none. */
static gboolean code_from_variant(GVariant *variant, const struct sock_filter **code, gsize *length,
				  GError **error)
{
	*code = g_variant_get_fixed_array(variant, length, sizeof(**code));
	if (*length > 0)
		return TRUE;
	g_set_error(error, HOOKD_ERROR, 0, "a filter has one instruction at least");
	return FALSE;
}

static GVariant *check_filter(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GVariant) bytes = g_variant_get_child_value(arguments, 0);
	const struct sock_filter *code;
	gsize length;

	if (!code_from_variant(bytes, &code, &length, error) ||
	    !quota_check_filter(code, length, error) || !program_check_filter(code, length, error))
		return NULL;
	return g_variant_new("()");
}

/* Linux 6.18 has hung for good with some thousand programs to free at a time, which it does behind
 * a grace period: this waits for one. */
static void wait_for_kernel(void)
{
	(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

static GVariant *open_match(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GVariant) bytes = g_variant_get_child_value(arguments, 0);
	const struct sock_filter *code;
	gsize length;

	g_clear_pointer(&hookd.match, match_free);
	if (++hookd.matches % MATCHES_UNPACED == 0)
		wait_for_kernel();
	if (!code_from_variant(bytes, &code, &length, error) ||
	    !quota_check_filter(code, length, error))
		return NULL;
	hookd.match = match_new(code, length, error);
	return hookd.match ? g_variant_new("()") : NULL;
}

static gboolean match_packet(GVariant *packet, guint32 *ret_value, GError **error)
{
	g_autoptr(GVariant) bytes = NULL;
	guint32 wire_length;
	const void *data;
	gsize size;

	g_variant_get(packet, "(u@ay)", &wire_length, &bytes);
	data = g_variant_get_fixed_array(bytes, &size, 1);
	return match_run(hookd.match, data, size, wire_length, ret_value, error);
}

static GVariant *run_match(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GVariant) packets = g_variant_get_child_value(arguments, 0);
	gsize count = g_variant_n_children(packets);
	g_autofree guint32 *values = g_new(guint32, count);

	if (!hookd.match) {
		g_set_error(error, HOOKD_ERROR, 0, "no filter was given to run on packets");
		return NULL;
	}
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) packet = g_variant_get_child_value(packets, i);

		if (!match_packet(packet, &values[i], error))
			return NULL;
	}
	return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, values, count, sizeof(*values));
}

static GVariant *examine(GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			 GError **error G_GNUC_UNUSED)
{
	g_autofree const char **names = NULL;
	g_autoptr(GPtrArray) findings = NULL;

	g_variant_get(arguments, "(^a&s)", &names);
	findings = examine_machine(names);
	return findings_to_variant(findings);
}

static void list_maps(const Session *session, int ret_maps[RINGS_FDS])
{
	const Rings *rings = session_rings(session);
	const int maps[RINGS_FDS] = { rings->segments, rings->cpus, rings->control, rings->wake };

	memcpy(ret_maps, maps, sizeof(maps));
}

static GVariant *serve(Session *session, GArray *fds)
{
	int handed[RINGS_FDS];
	const Rings *rings = session_rings(session);

	list_maps(session, handed);
	g_ptr_array_add(hookd.sessions, session);
	g_array_append_vals(fds, handed, RINGS_FDS);
	return g_variant_new(CALL_SESSION_RESULT_TYPE, rings->segment_count, rings->segment_size,
			     rings->cpu_count, monotonic_offset());
}

static gboolean has_room(const char *path, GError **error)
{
	g_autofree char *what =
		g_strdup_printf("hook %s beside %u others", path, hookd.sessions->len);

	if (hookd.sessions->len < CALL_SESSIONS_MAX)
		return file_limit_check(SESSION_FILES, "xdpshark-hookd", what, error);
	g_set_error(error, HOOKD_ERROR, 0,
		    "hook %s: a capture has %d hooks at most: capture the others with another one",
		    path, CALL_SESSIONS_MAX);
	return FALSE;
}

static GVariant *open_session(GVariant *arguments, GArray *fds, GError **error)
{
	g_autoptr(GVariant) bytes = NULL;
	SessionRequest request = { 0 };
	int maps[RINGS_FDS];
	guint64 ring_size;
	QuotaClaim *claim;
	Session *session;

	g_variant_get(arguments, "(^&ayu@atuuuubbt)", &request.address, &request.id, &bytes,
		      &request.snaplen, &request.sample, &request.rate, &request.actions,
		      &request.share_foreign, &request.unproven, &ring_size);
	request.unproven = request.unproven && confine_caller() == 0;
	if (!code_from_variant(bytes, &request.filter, &request.filter_length, error))
		return NULL;
	if (ring_size < RING_MIN || ring_size > RING_MAX || (ring_size & (ring_size - 1)) != 0) {
		g_set_error(error, HOOKD_ERROR, 0,
			    "a ring of %" G_GUINT64_FORMAT
			    " bytes is refused: it must be a power of 2, from %d to "
			    "%" G_GUINT64_FORMAT,
			    ring_size, RING_MIN, RING_MAX);
		return NULL;
	}
	if (!has_room(request.address, error))
		return NULL;
	request.ring_size = ring_size;
	claim = quota_claim(&request, error);
	if (!claim)
		return NULL;
	session = session_open(&request, error);
	if (session)
		list_maps(session, maps);
	quota_settle(claim, session ? maps : NULL, RINGS_FDS);
	return session ? serve(session, fds) : NULL;
}

static Session *find_session(GVariant *numbers, gsize index, GError **error)
{
	guint32 number;

	g_variant_get_child(numbers, index, "u", &number);
	if (number < hookd.sessions->len)
		return g_ptr_array_index(hookd.sessions, number);
	g_set_error(error, HOOKD_ERROR, 0, "there is no capture %u", number);
	return NULL;
}

/* Session *; NULL if a number is not that of one. */
static GPtrArray *find_sessions(GVariant *arguments, GError **error)
{
	g_autoptr(GVariant) numbers = g_variant_get_child_value(arguments, 0);
	g_autoptr(GPtrArray) sessions = g_ptr_array_new();

	for (gsize i = 0; i < g_variant_n_children(numbers); i++) {
		Session *session = find_session(numbers, i, error);

		if (!session)
			return NULL;
		g_ptr_array_add(sessions, session);
	}
	return g_steal_pointer(&sessions);
}

static void beat(void)
{
	for (guint i = 0; i < hookd.sessions->len; i++)
		session_beat(g_ptr_array_index(hookd.sessions, i));
}

static void mend_sessions(void)
{
	hookd.next_mend = g_get_monotonic_time() + MEND_INTERVAL_US;
	for (guint i = 0; i < hookd.sessions->len; i++)
		session_mend(g_ptr_array_index(hookd.sessions, i));
}

static void guard_sessions(void)
{
	for (guint i = 0; i < hookd.sessions->len; i++)
		session_guard(g_ptr_array_index(hookd.sessions, i));
}

static GVariant *attach_sessions(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GPtrArray) sessions = find_sessions(arguments, error);

	return sessions && session_attach_all(sessions, error) ? g_variant_new("()") : NULL;
}

static GVariant *detach_sessions(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GPtrArray) sessions = find_sessions(arguments, error);
	GVariantBuilder ends;

	if (!sessions || !session_detach_all(sessions, error))
		return NULL;
	g_variant_builder_init(&ends, G_VARIANT_TYPE(CALL_DETACH_RESULT_TYPE));
	for (guint i = 0; i < sessions->len; i++) {
		Attachment attachment;

		session_attachment(g_ptr_array_index(sessions, i), &attachment);
		g_variant_builder_add_value(&ends, attachment_to_variant(&attachment));
	}
	return g_variant_builder_end(&ends);
}

static GVariant *move_session(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	Session *session = find_session(arguments, 0, error);
	QuotaClaim *claim = NULL;
	int maps[RINGS_FDS];
	gboolean moved;
	guint32 map_id;
	guint64 since;

	g_variant_get_child(arguments, 1, "u", &map_id);
	if (session) {
		list_maps(session, maps);
		claim = quota_claim_move(maps, map_id, error);
	}
	if (!claim)
		return NULL;
	moved = session_move(session, map_id, &since, error);
	quota_settle(claim, moved ? maps : NULL, RINGS_FDS);
	if (!moved)
		return NULL;
	return g_variant_new(CALL_MOVE_RESULT_TYPE, since);
}

/* An array of one hook or none, which is freed. */
static GVariant *maybe_point(Point *hook)
{
	GVariant *variant = hook ? point_to_variant(hook) : NULL;

	point_free(hook);
	return g_variant_new_array(G_VARIANT_TYPE(POINT_VARIANT_TYPE), &variant, variant ? 1 : 0);
}

static GVariant *look_at_session(Session *session)
{
	SessionNews news = { 0 };
	g_autofree char *remark = NULL, *refusal = NULL;

	session_look(session, &news);
	remark = g_utf8_make_valid(news.remark ? news.remark : "", -1);
	refusal = g_utf8_make_valid(news.refusal ? news.refusal : "", -1);
	g_free(news.remark);
	g_free(news.refusal);
	return g_variant_new(
		"(uss@" ATTACHMENT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE ")",
		(guint32)news.pin, remark, refusal, attachment_to_variant(&news.attachment),
		maybe_point(news.users), maybe_point(news.pinned));
}

static GVariant *look(GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
	g_autoptr(GVariant) asked = g_variant_get_child_value(arguments, 0);
	GVariantBuilder news;
	guint32 number;

	for (gsize i = 0; i < g_variant_n_children(asked); i++) {
		g_variant_get_child(asked, i, "u", &number);
		if (number < hookd.sessions->len)
			session_expect(g_ptr_array_index(hookd.sessions, number));
	}
	/* What is reported is of now. */
	mend_sessions();
	g_variant_builder_init(&news, G_VARIANT_TYPE(CALL_LOOK_RESULT_TYPE));
	for (guint i = 0; i < hookd.sessions->len; i++)
		g_variant_builder_add_value(&news,
					    look_at_session(g_ptr_array_index(hookd.sessions, i)));
	return g_variant_builder_end(&news);
}

/* The slots first, all of them; what is freed after that nobody waits for. */
static void end_sessions(void)
{
	session_end_all(hookd.sessions);
	while (hookd.sessions->len > 0) {
		g_ptr_array_set_size(hookd.sessions, (gint)hookd.sessions->len - 1);
		if (hookd.sessions->len % SESSIONS_UNPACED == 0 && hookd.sessions->len > 0)
			wait_for_kernel();
	}
	g_ptr_array_unref(hookd.sessions);
}

static const struct {
	const char *method;
	const char *arguments;
	GVariant *(*answer)(GVariant *arguments, GArray *fds, GError **error);
} methods[] = {
	{ CALL_LIST_HOOKS, "()", list_hooks },
	{ CALL_SURVEY, "()", survey },
	{ CALL_OPEN_HOOKS, "(aay)", open_hooks },
	{ CALL_CHECK_FILTER, "(at)", check_filter },
	{ CALL_OPEN_MATCH, "(at)", open_match },
	{ CALL_RUN_MATCH, "(" CALL_PACKETS_TYPE ")", run_match },
	{ CALL_EXAMINE, "(as)", examine },
	{ CALL_OPEN_SESSION, "(ayuatuuuubbt)", open_session },
	{ CALL_ATTACH_SESSIONS, "(au)", attach_sessions },
	{ CALL_DETACH_SESSIONS, "(au)", detach_sessions },
	{ CALL_LOOK, "(au)", look },
	{ CALL_MOVE_SESSION, "(uu)", move_session },
};

static GVariant *answer(const char *method, GVariant *arguments, GArray *fds, GError **error)
{
	if (hookd.refusal) {
		g_propagate_error(error, g_error_copy(hookd.refusal));
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
		if (strcmp(methods[i].method, method) == 0 &&
		    g_variant_is_of_type(arguments, G_VARIANT_TYPE(methods[i].arguments)))
			return methods[i].answer(arguments, fds, error);
	g_set_error(error, HOOKD_ERROR, 0, "there is no call '%s' with such arguments", method);
	return NULL;
}

/* data: when it is over, monotonic, in us. */
static gboolean wait_for_caller(int socket, short events, gpointer data)
{
	gint64 left = *(const gint64 *)data - g_get_monotonic_time();
	struct pollfd poller = { .fd = socket, .events = events };

	return left > 0 && poll(&poller, 1, (int)(left / 1000) + 1) >= 0;
}

/* One request and its reply; FALSE when the other side is gone, or talks nonsense. */
static gboolean serve_request(void)
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
	result = answer(method, arguments, fds, &error);
	if (result)
		g_variant_ref_sink(result);
	message = g_utf8_make_valid(error ? error->message : "", -1);
	over = g_get_monotonic_time() + MESSAGE_LIMIT_US;
	sent = channel_send(CALL_SOCKET_FD,
			    g_variant_new("(bsisa(us)v)", result != NULL,
					  error ? g_quark_to_string(error->domain) : "",
					  error ? error->code : 0, message, &hookd.log,
					  result ? result : g_variant_new("()")),
			    (const int *)(const void *)fds->data, fds->len, &patience);
	begin_log();
	return sent;
}

int main(void)
{
	struct pollfd poller = { .fd = CALL_SOCKET_FD, .events = POLLIN };

	if (!confine_leave_caller()) {
		static const char text[] = "xdpshark-hookd is started by xdpshark, not by hand\n";

		return write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 1 : 2;
	}
	begin_log();
	g_log_set_default_handler(remember_log, NULL);
	confine_begin(&hookd.refusal);
	quota_set_caller(confine_caller());
	libbpf_set_print(log_libbpf);
	hookd.sessions = g_ptr_array_new_with_free_func((GDestroyNotify)session_free);
	for (;;) {
		int ready = poll(&poller, 1, hookd.sessions->len > 0 ? BEAT_INTERVAL_MS : -1);

		beat();
		guard_sessions();
		if (ready > 0 && !serve_request())
			break;
		if (g_get_monotonic_time() >= hookd.next_mend)
			mend_sessions();
		if (ready < 0 && errno != EINTR)
			break;
	}
	end_sessions();
	match_free(hookd.match);
	return 0;
}
