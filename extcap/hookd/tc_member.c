// SPDX-License-Identifier: GPL-2.0-or-later
#include "tc_member.h"

#include <string.h>

#include "point_variant.h"
#include "program_point.h"
#include "program_refusal.h"
#include "tc_attached.h"

/* Sessions are looked at one after the other: what was found for one holds for the next. */
#define LISTING_US (G_USEC_PER_SEC / 10)

struct TcMember {
	char *address;
	char *group; /* NULL: it is captured alone */
	char *base;  /* the device */
	char *name;  /* of the function */
	char *how;   /* Point.way */
	guint32 id;
	guint way;	     /* enum xdpshark_way */
	guint32 refused;     /* id of the one it could not go on with */
	GHashTable *offered; /* key_of() newcomers that were said */
};

static GPtrArray *members;   /* TcMember *, in the order of their sessions */
static GHashTable *left_out; /* key_of() programs */

/* The programs of one device, as found last. */
static struct {
	char *base;
	GPtrArray *points; /* NULL: there are none */
	gint64 until;	   /* monotonic, in us */
} listing;

static char *base_of(const char *address)
{
	const char *slash = strchr(address, '/');

	return slash ? g_strndup(address, (gsize)(slash - address)) : g_strdup(address);
}

static char *key_of(const Point *point)
{
	g_autofree char *base = base_of(point->address);

	return g_strdup_printf("%u %u %s", point->id, program_point_way(point), base);
}

static const GPtrArray *list_programs(const char *base)
{
	static const GPtrArray none;
	gint64 now = g_get_monotonic_time();

	if (g_strcmp0(listing.base, base) != 0 || now > listing.until) {
		g_clear_pointer(&listing.points, g_ptr_array_unref);
		g_free(listing.base);
		listing.base = g_strdup(base);
		listing.points = tc_attached_members(base, NULL);
		listing.until = g_get_monotonic_time() + LISTING_US;
	}
	return listing.points ? listing.points : &none;
}

static gboolean has_program(const TcMember *member, const Point *point)
{
	return member->id == point->id && member->way == program_point_way(point);
}

static gboolean is_claimed(const Point *point, const char *base)
{
	for (guint i = 0; members && i < members->len; i++) {
		const TcMember *member = g_ptr_array_index(members, i);

		if (strcmp(member->base, base) == 0 &&
		    (has_program(member, point) || member->refused == point->id))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_taken(const GPtrArray *newcomers, const char *address)
{
	for (guint i = 0; i < members->len; i++)
		if (strcmp(((const TcMember *)members->pdata[i])->address, address) == 0)
			return TRUE;
	for (guint i = 0; i < newcomers->len; i++)
		if (strcmp(((const Point *)newcomers->pdata[i])->address, address) == 0)
			return TRUE;
	return FALSE;
}

/* With an address of its own. */
static Point *copy_point(const Point *point, const char *address)
{
	g_autoptr(GVariant) variant = g_variant_ref_sink(point_to_variant(point));
	Point *copy = point_from_variant(variant);

	g_free(copy->address);
	copy->address = g_strdup(address);
	return copy;
}

TcMember *tc_member_new(const SessionRequest *request, const Point *point)
{
	TcMember *member = g_new0(TcMember, 1);

	member->address = g_strdup(request->address);
	member->group = g_strdup(request->group);
	member->base = base_of(request->address);
	member->offered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	tc_member_follow(member, point);
	if (!members)
		members = g_ptr_array_new();
	g_ptr_array_add(members, member);
	return member;
}

void tc_member_free(TcMember *member)
{
	if (!member)
		return;
	g_ptr_array_remove(members, member);
	if (members->len == 0) {
		g_clear_pointer(&members, g_ptr_array_unref);
		g_clear_pointer(&left_out, g_hash_table_unref);
		g_clear_pointer(&listing.points, g_ptr_array_unref);
		g_clear_pointer(&listing.base, g_free);
	}
	g_hash_table_unref(member->offered);
	g_free(member->address);
	g_free(member->group);
	g_free(member->base);
	g_free(member->name);
	g_free(member->how);
	g_free(member);
}

void tc_member_follow(TcMember *member, const Point *point)
{
	g_free(member->name);
	g_free(member->how);
	member->name = g_strdup(point->name);
	member->how = g_strdup(point->way);
	member->id = point->id;
	member->way = program_point_way(point);
	member->refused = 0;
}

void tc_member_refuse(TcMember *member, guint32 id)
{
	member->refused = id;
}

/* That with the id, by its address if it is attached twice; otherwise it was replaced meanwhile. */
Point *tc_member_choose(const SessionRequest *request, GError **error)
{
	g_autoptr(GPtrArray) points = tc_attached_members(request->group, error);
	g_autofree char *base = base_of(request->address);
	guint best = 0, found = 0;
	Point *point;

	if (!points)
		return NULL;
	for (guint i = 0; i < points->len; i++) {
		guint fit;

		point = g_ptr_array_index(points, i);
		fit = 2 * (point->id == request->id) +
		      (strcmp(point->address, request->address) == 0);
		if (fit > best && !is_claimed(point, base)) {
			best = fit;
			found = i;
		}
	}
	if (best == 0) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "the %s %s has just gone again", request->type->noun, request->address);
		return NULL;
	}
	point = g_ptr_array_steal_index(points, found);
	point->refusal = point->refusal ? point->refusal : program_refusal(point);
	return point;
}

/* What stands at its address, or, in a group, in its place. */
static gboolean is_successor(const TcMember *member, const Point *point)
{
	if (!member->group)
		return strcmp(member->address, point->address) == 0;
	return strcmp(member->name, point->name) == 0 && g_strcmp0(member->how, point->way) == 0;
}

/* One that was refused is found, too: its session knows it. */
static gboolean is_others(const TcMember *member, const Point *point)
{
	return member->refused != point->id && is_claimed(point, member->base);
}

Point *tc_member_find(const TcMember *member)
{
	const GPtrArray *points = list_programs(member->base);
	const Point *found = NULL;

	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if (has_program(member, point))
			return copy_point(point, member->address);
		if ((!found || found->id == member->refused) && is_successor(member, point) &&
		    !is_others(member, point))
			found = point;
	}
	return found ? copy_point(found, member->address) : NULL;
}

static gboolean is_first(const TcMember *member)
{
	for (guint i = 0; i < members->len; i++) {
		const TcMember *other = g_ptr_array_index(members, i);

		if (g_strcmp0(other->group, member->group) == 0)
			return other == member;
	}
	return FALSE;
}

/* What has gone may come again. */
static void forget_gone(GHashTable *offered, const GPtrArray *points)
{
	g_autoptr(GHashTable) here = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer key;

	for (guint i = 0; i < points->len; i++)
		g_hash_table_add(here, key_of(g_ptr_array_index(points, i)));
	g_hash_table_iter_init(&iter, offered);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!g_hash_table_contains(here, key))
			g_hash_table_iter_remove(&iter);
}

static gboolean is_new(const TcMember *member, const Point *point)
{
	g_autofree char *key = key_of(point);

	return tc_attached_is_of(point, member->group) && !is_claimed(point, member->base) &&
	       !(left_out && g_hash_table_contains(left_out, key)) &&
	       g_hash_table_add(member->offered, g_steal_pointer(&key));
}

static void add_newcomer(const TcMember *member, GPtrArray *newcomers, const Point *point)
{
	g_autofree char *address = g_strdup(point->address);
	Point *newcomer;

	for (guint number = 2; is_taken(newcomers, address); number++) {
		g_free(address);
		address = g_strdup_printf("%s/%s#%u", member->base, point->name, number);
	}
	newcomer = copy_point(point, address);
	newcomer->group = g_strdup(member->group);
	if (!newcomer->refusal)
		newcomer->refusal = program_refusal(newcomer);
	g_ptr_array_add(newcomers, newcomer);
}

GPtrArray *tc_member_newcomers(TcMember *member)
{
	g_autoptr(GPtrArray) newcomers = NULL;
	const GPtrArray *points;

	if (!member->group || !is_first(member))
		return NULL;
	points = list_programs(member->base);
	forget_gone(member->offered, points);
	newcomers = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	for (guint i = 0; i < points->len; i++) {
		const Point *point = g_ptr_array_index(points, i);

		if (is_new(member, point))
			add_newcomer(member, newcomers, point);
	}
	return newcomers->len > 0 ? g_steal_pointer(&newcomers) : NULL;
}

void tc_member_leave_out(const Point *point)
{
	if (!left_out)
		left_out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_add(left_out, key_of(point));
}

gboolean tc_member_is_same(const Point *point, const Point *other)
{
	return point->id == other->id && program_point_way(point) == program_point_way(other);
}
