// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_point.h"

#include <string.h>

#include "hook_find.h"
#include "program_record.h"
#include "program_refusal.h"
#include "tc_attached.h"
#include "tc_member.h"
#include "trace.h"
#include "xdp_attached.h"

static void add_refusals(GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++) {
		Point *point = g_ptr_array_index(points, i);

		/* What was found of it before is worse. */
		if (!point->refusal)
			point->refusal = program_refusal(point);
	}
}

/* What has no address is one of others. */
GPtrArray *program_points_list(GPtrArray **ret_others, GError **error G_GNUC_UNUSED)
{
	return xdp_attached_list(ret_others);
}

/* Sets the hooks that they lead to, and why they cannot be captured. */
void program_points_relate(GPtrArray *points, const GPtrArray *hooks)
{
	xdp_attached_relate(points, hooks);
	add_refusals(points);
}

/* Hooks are looked for, too: to capture one of them costs less. */
GPtrArray *program_points_describe(const char *const *addresses, GError **error)
{
	GPtrArray *points = xdp_attached_describe(addresses, error);
	g_autoptr(GPtrArray) hooks = points ? hook_list(NULL) : NULL;
	g_autoptr(GPtrArray) none = g_ptr_array_new();

	if (points)
		program_points_relate(points, hooks ? hooks : none);
	return points;
}

GPtrArray *tc_points_list(GPtrArray **ret_others, GError **error G_GNUC_UNUSED)
{
	return tc_attached_list(ret_others);
}

void tc_points_relate(GPtrArray *points, const GPtrArray *all G_GNUC_UNUSED)
{
	add_refusals(points);
}

GPtrArray *tc_points_describe(const char *const *addresses, GError **error)
{
	GPtrArray *points = tc_attached_describe(addresses, error);

	if (points)
		add_refusals(points);
	return points;
}

/* Whether packets of this one are there already: it is attached twice, by tcx and as a filter. */
static gboolean is_among(const Point *point, const GPtrArray *points)
{
	for (guint i = 0; i < points->len; i++)
		if (tc_member_is_same(point, g_ptr_array_index(points, i)))
			return TRUE;
	return FALSE;
}

/* Those that can be captured. */
static GPtrArray *find_open(const GPtrArray *points)
{
	GPtrArray *open = g_ptr_array_new();

	for (guint i = 0; i < points->len; i++) {
		Point *point = g_ptr_array_index(points, i);

		if (point_is_open(point) && !is_among(point, open))
			g_ptr_array_add(open, point);
	}
	return open;
}

static void leave_out(const Point *point)
{
	tc_member_leave_out(point);
	g_message("tc:%s is left out: %s", point->address, point->refusal);
}

/* The refusal of one is said when it is opened. */
GStrv tc_point_members(const char *address)
{
	g_autoptr(GPtrArray) members = tc_attached_members(address, NULL);
	g_autoptr(GPtrArray) open = NULL;
	GStrv addresses;

	if (!members)
		return NULL;
	add_refusals(members);
	open = find_open(members);
	for (guint i = 0; open->len > 0 && i < members->len; i++) {
		const Point *point = g_ptr_array_index(members, i);

		if (point->refusal)
			leave_out(point);
	}
	if (open->len == 0)
		g_ptr_array_add(open, g_ptr_array_index(members, 0));
	addresses = g_new0(char *, open->len + 1);
	for (guint i = 0; i < open->len; i++)
		addresses[i] = g_strdup(((const Point *)open->pdata[i])->address);
	return addresses;
}

/* With the reasons why they cannot be captured. */
GPtrArray *program_points_find(const SourceType *type, const char *const *addresses, GError **error)
{
	GPtrArray *points;

	if (type == &source_tc)
		return tc_points_describe(addresses, error);
	/* Which hook costs less is of interest where nothing else is possible. */
	if (trace_refusal())
		return program_points_describe(addresses, error);
	points = xdp_attached_describe(addresses, error);
	if (points)
		add_refusals(points);
	return points;
}

/* A device of netkit runs its programs on packets that are its peer's already. */
gboolean program_point_is_of_peer(const Point *point)
{
	return point->way && g_str_has_prefix(point->way, "netkit");
}

guint program_point_way(const Point *point)
{
	const char *way = point_way_word(point);

	if (!way || program_point_is_of_peer(point))
		return XDPSHARK_ANY_WAY;
	return strcmp(way, "ingress") == 0 ? XDPSHARK_INGRESS : XDPSHARK_EGRESS;
}
