// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_session.h"

#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "confine.h"
#include "file_limit.h"
#include "monotonic.h"
#include "quota.h"

/* Sizes of a ring that may be asked for. */
#define RING_MIN 4096
#define RING_MAX ((guint64)256 * 1024 * 1024)

/* Open files for a session, some of them only while it is opened or watched. 25 were seen, besides
 * those held for others in its chains. */
#define SESSION_FILES 32

/* How often the slots are mended in any case. CALL_LOOK, which normally comes each second, does so
 * too. */
#define MEND_INTERVAL_US (3 * G_USEC_PER_SEC / 2)

void request_wait_for_kernel(void)
{
	(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

gboolean request_check_length(gsize length, GError **error)
{
	if (length > 0)
		return TRUE;
	g_set_error(error, HOOKD_ERROR, 0, "a filter has one instruction at least");
	return FALSE;
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
	/* What has come to a group gets what was set for the group. */
	for (guint i = 0; i < hookd->sessions->len; i++)
		session_share_brake(g_ptr_array_index(hookd->sessions, i), hookd->sessions);
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

	if (!request_check_length(request->filter_length, error))
		return FALSE;
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

GVariant *request_open_session(Hookd *hookd, GVariant *arguments, GArray *fds, GError **error)
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

GVariant *request_attach_sessions(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
				  GError **error)
{
	g_autoptr(GPtrArray) sessions = find_sessions(hookd, arguments, error);

	return sessions && session_attach_all(sessions, error) ? g_variant_new("()") : NULL;
}

GVariant *request_detach_sessions(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
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

GVariant *request_move_session(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
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
GVariant *request_change_session(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
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
		request_wait_for_kernel();
		list_maps(session, maps);
		claim = quota_claim_filter(maps, change.filter, change.filter_length, error);
		if (!claim)
			return NULL;
	}
	changed = session_change(session, &change, error);
	if (changed)
		session_share_brake(session, hookd->sessions);
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

/* Takes over points. */
static GVariant *maybe_points(GPtrArray *points)
{
	g_autoptr(GPtrArray) held = points;

	return points ? points_to_variant(points)
		      : g_variant_new_array(G_VARIANT_TYPE(POINT_VARIANT_TYPE), NULL, 0);
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
	return g_variant_new("(uss@" ATTACHMENT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE
			     "@a" POINT_VARIANT_TYPE "@a" POINT_VARIANT_TYPE ")",
			     (guint32)news.pin, remark, refusal,
			     attachment_to_variant(&news.attachment), maybe_point(news.users),
			     maybe_point(news.pinned), maybe_points(news.newcomers));
}

GVariant *request_look(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
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

GVariant *request_names(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			GError **error)
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
