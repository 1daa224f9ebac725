// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <string.h>

#include "call.h"
#include "device_code.h"
#include "examine.h"
#include "expansion.h"
#include "program.h"
#include "quota.h"
#include "request_session.h"
#include "source.h"

/* How many filters, of two programs each, are tried between two waits for the kernel. */
#define MATCHES_UNPACED 8

/* How many captures, of up to five programs each, are freed between two such waits. */
#define SESSIONS_UNPACED 8

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
	g_autoptr(GPtrArray) groups = NULL;
	g_autoptr(GVariant) asked = expansion_of(g_variant_get_child_value(arguments, 0), &groups);
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	gsize count = g_variant_n_children(asked);

	/* Most likely a capture comes next. */
	device_code_begin();
	g_ptr_array_set_size(points, (gint)count);
	for (const Source *const *source = sources; *source; source++)
		if (!describe(*source, asked, (Point **)points->pdata, error))
			return NULL;
	for (gsize i = 0; i < count; i++) {
		Point *point = g_ptr_array_index(points, i);
		const char *scheme;

		if (point) {
			point->group = g_steal_pointer(&groups->pdata[i]);
			continue;
		}
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
	return request_check_length(*ret_length, error);
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

static GVariant *open_match(Hookd *hookd, GVariant *arguments, GArray *fds G_GNUC_UNUSED,
			    GError **error)
{
	g_autoptr(GVariant) bytes = g_variant_get_child_value(arguments, 0);
	const struct sock_filter *code;
	gsize length;

	g_clear_pointer(&hookd->match, match_free);
	if (++hookd->matches % MATCHES_UNPACED == 0)
		request_wait_for_kernel();
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
	{ CALL_OPEN_SESSION, "(a{sv})", request_open_session },
	{ CALL_ATTACH_SESSIONS, "(au)", request_attach_sessions },
	{ CALL_DETACH_SESSIONS, "(au)", request_detach_sessions },
	{ CALL_LOOK, "(au)", request_look },
	{ CALL_MOVE_SESSION, "(uu)", request_move_session },
	{ CALL_CHANGE_SESSION, "(ua{sv})", request_change_session },
	{ CALL_NAMES, "(u)", request_names },
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
			request_wait_for_kernel();
	}
	match_free(hookd->match);
	g_ptr_array_unref(hookd->sessions);
}
