// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "confine.h"
#include "device_code.h"
#include "examine.h"
#include "expansion.h"
#include "file_limit.h"
#include "monotonic.h"
#include "program.h"
#include "quota.h"
#include "source.h"

/* How many filters, of two programs each, are tried between two waits for the kernel. */
#define MATCHES_UNPACED 8

/* How many captures, of up to five programs each, are freed between two such waits. */
#define SESSIONS_UNPACED 8

/* Sizes of a ring that may be asked for. */
#define RING_MIN 4096
#define RING_MAX ((guint64)256 * 1024 * 1024)

/* Open files for a session, some of them only while it is opened or watched. 25 were seen, besides
 * those held for others in its chains. */
#define SESSION_FILES 32

/* How often the slots are mended in any case. CALL_LOOK, which normally comes each second, does so
 * too. */
#define MEND_INTERVAL_US (3 * G_USEC_PER_SEC / 2)

#define NO_INSTRUCTION "a filter has one instruction at least"

#define HOOKD_ERROR (g_quark_from_static_string("xdpshark_hookd_error"))

/* Parses the name of a source. For "", which stands for all of them, *ret_type is NULL. */
static gboolean type_from_variant(GVariant *arguments, const SourceType **ret_type, GError **error)
{
	const char *scheme;

	g_variant_get_child(arguments, 0, "&s", &scheme);
	*ret_type = source_type_find(scheme, strlen(scheme));
	if (*ret_type || !*scheme)
		return TRUE;
	g_set_error(error, HOOKD_ERROR, 0, "there is no source '%s'", scheme);
	return FALSE;
}

static GVariant *list_points(Hookd *hookd G_GNUC_UNUSED, GVariant *arguments,
			     GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GPtrArray) points = NULL;
	const SourceType *type;

	if (type_from_variant(arguments, &type, error))
		points = source_list(type, NULL, error);
	return points ? points_to_variant(points) : NULL;
}

static GVariant *find_points(Hookd *hookd G_GNUC_UNUSED, GVariant *arguments,
			     GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GPtrArray) points = NULL;
	const char *scheme, *pattern;

	g_variant_get(arguments, "(&s^&ay)", &scheme, &pattern);
	for (const Source *const *source = sources; *source; source++)
		if (strcmp((*source)->type->scheme, scheme) == 0 && (*source)->find) {
			points = (*source)->find(pattern, error);
			return points ? points_to_variant(points) : NULL;
		}
	g_set_error(error, HOOKD_ERROR, 0, "there is no source '%s'", scheme);
	return NULL;
}

static GVariant *survey(Hookd *hookd G_GNUC_UNUSED, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			GError **error)
{
	g_autoptr(GPtrArray) points = NULL, others = NULL;
	const SourceType *type;

	if (type_from_variant(arguments, &type, error))
		points = source_list(type, &others, error);
	return points ? g_variant_new("(@a" POINT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE ")",
				      points_to_variant(points), points_to_variant(others))
		      : NULL;
}

/* Describes the points of one source among those asked for, in a single walk, and stores each at
 * the index of its address. */
static gboolean describe(const Source *source, GVariant *asked, Point **points, GError **error)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new(), found = NULL;
	const char *scheme, *address;

	for (gsize i = 0; i < g_variant_n_children(asked); i++) {
		g_variant_get_child(asked, i, "(&s^&ay)", &scheme, &address);
		if (strcmp(scheme, source->type->scheme) == 0)
			g_ptr_array_add(addresses, (gpointer)address);
	}
	if (addresses->len == 0)
		return TRUE;
	g_ptr_array_add(addresses, NULL);
	found = source->describe((const char *const *)addresses->pdata, error);
	for (gsize i = 0; found && i < g_variant_n_children(asked); i++) {
		g_variant_get_child(asked, i, "(&s^&ay)", &scheme, &address);
		if (strcmp(scheme, source->type->scheme) == 0)
			points[i] = g_ptr_array_steal_index(found, 0);
	}
	return found != NULL;
}

static GVariant *open_points(Hookd *hookd G_GNUC_UNUSED, GVariant *arguments,
			     GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GVariant) asked = expansion_of(g_variant_get_child_value(arguments, 0));
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	gsize count = g_variant_n_children(asked);

	/* Most likely a capture comes next. */
	device_code_begin();
	g_ptr_array_set_size(points, (gint)count);
	for (const Source *const *source = sources; *source; source++)
		if (!describe(*source, asked, (Point **)points->pdata, error))
			return NULL;
	for (gsize i = 0; i < count; i++) {
		const char *scheme;

		if (g_ptr_array_index(points, i))
			continue;
		g_variant_get_child(asked, i, "(&say)", &scheme, NULL);
		g_set_error(error, HOOKD_ERROR, 0, "there is no source '%s'", scheme);
		return NULL;
	}
	return points_to_variant(points);
}

/* The instructions in a message, which owns them. FALSE if there are none. */
static gboolean code_from_variant(GVariant *variant, const struct sock_filter **ret_code,
				  gsize *ret_length, GError **error)
{
	*ret_code = g_variant_get_fixed_array(variant, ret_length, sizeof(**ret_code));
	if (*ret_length > 0)
		return TRUE;
	g_set_error(error, HOOKD_ERROR, 0, NO_INSTRUCTION);
	return FALSE;
}

static GVariant *check_filter(Hookd *hookd G_GNUC_UNUSED, GVariant *arguments,
			      GArray *fds G_GNUC_UNUSED, GError **error)
{
	g_autoptr(GVariant) bytes = g_variant_get_child_value(arguments, 0);
	const struct sock_filter *code;
	gsize length;

	if (!code_from_variant(bytes, &code, &length, error) ||
	    !quota_check_filter(code, length, error) || !program_check_filter(code, length, error))
		return NULL;
	return g_variant_new("()");
}

/* Linux 6.18 has hung for good when thousands of programs were freed at once, which happens after a
 * grace period. This waits for one. */
static void wait_for_kernel(void)
{
	(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

static GVariant *open_match(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			    GError **error)
{
	g_autoptr(GVariant) bytes = g_variant_get_child_value(arguments, 0);
	const struct sock_filter *code;
	gsize length;

	g_clear_pointer(&hookd->match, match_free);
	if (++hookd->matches % MATCHES_UNPACED == 0)
		wait_for_kernel();
	if (!code_from_variant(bytes, &code, &length, error) ||
	    !quota_check_filter(code, length, error))
		return NULL;
	hookd->match = match_new(code, length, error);
	return hookd->match ? g_variant_new("()") : NULL;
}

static gboolean match_packet(const Hookd *hookd, GVariant *packet, guint32 *ret_value,
			     GError **error)
{
	g_autoptr(GVariant) bytes = NULL;
	guint32 wire_length;
	const void *data;
	gsize size;

	g_variant_get(packet, "(u@ay)", &wire_length, &bytes);
	data = g_variant_get_fixed_array(bytes, &size, 1);
	return match_run(hookd->match, data, size, wire_length, ret_value, error);
}

static GVariant *run_match(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			   GError **error)
{
	g_autoptr(GVariant) packets = g_variant_get_child_value(arguments, 0);
	gsize count = g_variant_n_children(packets);
	g_autofree guint32 *values = g_new(guint32, count);

	if (!hookd->match) {
		g_set_error(error, HOOKD_ERROR, 0, "no filter was given to run on packets");
		return NULL;
	}
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) packet = g_variant_get_child_value(packets, i);

		if (!match_packet(hookd, packet, &values[i], error))
			return NULL;
	}
	return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, values, count, sizeof(*values));
}

static GVariant *examine(Hookd *hookd G_GNUC_UNUSED, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
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

static GVariant *serve(Hookd *hookd, Session *session, GArray *fds)
{
	int handed[RINGS_FDS];
	const Rings *rings = session_rings(session);

	list_maps(session, handed);
	g_ptr_array_add(hookd->sessions, session);
	g_array_append_vals(fds, handed, RINGS_FDS);
	return g_variant_new(CALL_SESSION_RESULT_TYPE, rings->segment_count, rings->segment_size,
			     rings->cpu_count, monotonic_offset());
}

static gboolean has_room(const Hookd *hookd, const SessionRequest *request, GError **error)
{
	g_autofree char *what = g_strdup_printf("%s %s beside %u others", request->type->noun,
						request->address, hookd->sessions->len);

	if (hookd->sessions->len < CALL_SESSIONS_MAX)
		return file_limit_check(SESSION_FILES, "xdpshark-hookd", what, error);
	g_set_error(error, HOOKD_ERROR, 0,
		    "%s %s: a capture has %d of them at most: capture the others with another one",
		    request->type->noun, request->address, CALL_SESSIONS_MAX);
	return FALSE;
}

static gboolean check_request(const Hookd *hookd, const SessionRequest *request, GError **error)
{
	guint64 ring_size = request->ring_size;

	if (request->filter_length == 0) {
		g_set_error(error, HOOKD_ERROR, 0, NO_INSTRUCTION);
		return FALSE;
	}
	if (ring_size != 0 &&
	    (ring_size < RING_MIN || ring_size > RING_MAX || (ring_size & (ring_size - 1)) != 0)) {
		g_set_error(error, HOOKD_ERROR, 0,
			    "a ring of %" G_GUINT64_FORMAT
			    " bytes is refused: it must be a power of 2, from %d to "
			    "%" G_GUINT64_FORMAT,
			    ring_size, RING_MIN, RING_MAX);
		return FALSE;
	}
	return has_room(hookd, request, error);
}

static GVariant *open_session(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error)
{
	g_autoptr(GVariant) options = g_variant_get_child_value(arguments, 0);
	g_auto(SessionRequest) request = { 0 };
	int maps[RINGS_FDS];
	QuotaClaim *claim;
	Session *session;

	if (!session_request_unpack(options, &request, error) ||
	    !check_request(hookd, &request, error))
		return NULL;
	request.unproven = request.unproven && confine_caller() == 0;
	claim = quota_claim(&request, error);
	if (!claim)
		return NULL;
	session = session_open(&request, error);
	if (session)
		list_maps(session, maps);
	quota_settle(claim, session ? maps : NULL, RINGS_FDS);
	return session ? serve(hookd, session, fds) : NULL;
}

static Session *find_session(const Hookd *hookd, GVariant *numbers, gsize index, GError **error)
{
	guint32 number;

	g_variant_get_child(numbers, index, "u", &number);
	if (number < hookd->sessions->len)
		return g_ptr_array_index(hookd->sessions, number);
	g_set_error(error, HOOKD_ERROR, 0, "there is no capture %u", number);
	return NULL;
}

/* An array of Session *; NULL with error if a number is unknown. */
static GPtrArray *find_sessions(const Hookd *hookd, GVariant *arguments, GError **error)
{
	g_autoptr(GVariant) numbers = g_variant_get_child_value(arguments, 0);
	g_autoptr(GPtrArray) sessions = g_ptr_array_new();

	for (gsize i = 0; i < g_variant_n_children(numbers); i++) {
		Session *session = find_session(hookd, numbers, i, error);

		if (!session)
			return NULL;
		g_ptr_array_add(sessions, session);
	}
	return g_steal_pointer(&sessions);
}

static GVariant *attach_sessions(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
				 GError **error)
{
	g_autoptr(GPtrArray) sessions = find_sessions(hookd, arguments, error);

	return sessions && session_attach_all(sessions, error) ? g_variant_new("()") : NULL;
}

static GVariant *detach_sessions(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
				 GError **error)
{
	g_autoptr(GPtrArray) sessions = find_sessions(hookd, arguments, error);
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

static GVariant *move_session(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			      GError **error)
{
	Session *session = find_session(hookd, arguments, 0, error);
	QuotaClaim *claim = NULL;
	int maps[RINGS_FDS];
	gboolean moved;
	guint32 id;
	guint64 since;

	g_variant_get_child(arguments, 1, "u", &id);
	if (session) {
		list_maps(session, maps);
		claim = quota_claim_move(maps, session_type(session), id, error);
	}
	if (!claim)
		return NULL;
	moved = session_move(session, id, &since, error);
	quota_settle(claim, moved ? maps : NULL, RINGS_FDS);
	if (!moved)
		return NULL;
	return g_variant_new(CALL_MOVE_RESULT_TYPE, since);
}

/* Programs that are taken out are freed after a grace period: so one change waits for those of the
 * one before. */
static GVariant *change_session(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
				GError **error)
{
	Session *session = find_session(hookd, arguments, 0, error);
	g_autoptr(GVariant) options = g_variant_get_child_value(arguments, 1);
	g_auto(SessionRequest) change = { 0 };
	QuotaClaim *claim = NULL;
	int maps[RINGS_FDS];
	gboolean changed;

	if (!session || !session_change_unpack(options, &change, error))
		return NULL;
	if (change.filter_length > 0) {
		wait_for_kernel();
		list_maps(session, maps);
		claim = quota_claim_filter(maps, change.filter, change.filter_length, error);
		if (!claim)
			return NULL;
	}
	changed = session_change(session, &change, error);
	/* The maps are the same, but not their descriptors. */
	list_maps(session, maps);
	if (claim)
		quota_settle(claim, changed ? maps : NULL, RINGS_FDS);
	return changed ? g_variant_new("()") : NULL;
}

void request_mend(Hookd *hookd)
{
	hookd->next_mend = g_get_monotonic_time() + MEND_INTERVAL_US;
	for (guint i = 0; i < hookd->sessions->len; i++)
		session_mend(g_ptr_array_index(hookd->sessions, i));
}

/* An array of one point or none. Takes over point. */
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

static GVariant *look(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
		      GError **error G_GNUC_UNUSED)
{
	g_autoptr(GVariant) asked = g_variant_get_child_value(arguments, 0);
	GVariantBuilder news;
	guint32 number;

	for (gsize i = 0; i < g_variant_n_children(asked); i++) {
		g_variant_get_child(asked, i, "u", &number);
		if (number < hookd->sessions->len)
			session_expect(g_ptr_array_index(hookd->sessions, number));
	}
	/* Report the current state. */
	request_mend(hookd);
	g_variant_builder_init(&news, G_VARIANT_TYPE(CALL_LOOK_RESULT_TYPE));
	for (guint i = 0; i < hookd->sessions->len; i++)
		g_variant_builder_add_value(&news,
					    look_at_session(g_ptr_array_index(hookd->sessions, i)));
	return g_variant_builder_end(&news);
}

static GVariant *names(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED, GError **error)
{
	Session *session = find_session(hookd, arguments, 0, error);
	g_autoptr(GPtrArray) found = session ? session_names(session) : NULL;
	GVariantBuilder list;

	if (!session)
		return NULL;
	g_variant_builder_init(&list, G_VARIANT_TYPE(CALL_NAMES_RESULT_TYPE));
	for (guint i = 0; found && i < found->len; i++) {
		const SessionName *name = g_ptr_array_index(found, i);

		g_variant_builder_add(&list, "(ut^ay)", (guint32)name->kind, name->number,
				      name->text);
	}
	return g_variant_builder_end(&list);
}

static const struct {
	const char *method;
	const char *arguments;
	GVariant *(*answer)(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error);
} methods[] = {
	{ CALL_LIST_POINTS, "(s)", list_points },
	{ CALL_FIND_POINTS, "(say)", find_points },
	{ CALL_SURVEY, "(s)", survey },
	{ CALL_OPEN_POINTS, "(a(say))", open_points },
	{ CALL_CHECK_FILTER, "(at)", check_filter },
	{ CALL_OPEN_MATCH, "(at)", open_match },
	{ CALL_RUN_MATCH, "(" CALL_PACKETS_TYPE ")", run_match },
	{ CALL_EXAMINE, "(as)", examine },
	{ CALL_OPEN_SESSION, "(a{sv})", open_session },
	{ CALL_ATTACH_SESSIONS, "(au)", attach_sessions },
	{ CALL_DETACH_SESSIONS, "(au)", detach_sessions },
	{ CALL_LOOK, "(au)", look },
	{ CALL_MOVE_SESSION, "(uu)", move_session },
	{ CALL_CHANGE_SESSION, "(ua{sv})", change_session },
	{ CALL_NAMES, "(u)", names },
};

GVariant *request_answer(Hookd *hookd, const char *method, GVariant *arguments, GArray *fds,
			 GError **error)
{
	if (hookd->refusal) {
		g_propagate_error(error, g_error_copy(hookd->refusal));
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
		if (strcmp(methods[i].method, method) == 0 &&
		    g_variant_is_of_type(arguments, G_VARIANT_TYPE(methods[i].arguments)))
			return methods[i].answer(hookd, arguments, fds, error);
	g_set_error(error, HOOKD_ERROR, 0, "there is no call '%s' with such arguments", method);
	return NULL;
}

/* First gives back all slots. Nobody waits for the rest. */
void request_end(Hookd *hookd)
{
	session_end_all(hookd->sessions);
	while (hookd->sessions->len > 0) {
		g_ptr_array_set_size(hookd->sessions, (gint)hookd->sessions->len - 1);
		if (hookd->sessions->len % SESSIONS_UNPACED == 0 && hookd->sessions->len > 0)
			wait_for_kernel();
	}
	match_free(hookd->match);
	g_ptr_array_unref(hookd->sessions);
}
