// SPDX-License-Identifier: GPL-2.0-or-later
#include "point_name.h"

#include <net/if.h>
#include <string.h>

#include "broker.h"
#include "interface.h"
#include "point.h"

/* Finds the address for a value that was cut. NULL without error if no point has that value. */
static char *find_cut(Broker *broker, const char *value, GError **error)
{
	g_autoptr(GPtrArray) points = broker_list_points(broker, interface_type(value), error);
	g_autoptr(GPtrArray) addresses = g_ptr_array_new();

	for (guint i = 0; points && i < points->len; i++)
		g_ptr_array_add(addresses, ((const Point *)g_ptr_array_index(points, i))->address);
	g_ptr_array_add(addresses, NULL);
	return points ? interface_address(value, (const char *const *)addresses->pdata) : NULL;
}

static void set_no_interface_error(GError **error, const char *name)
{
	g_autoptr(GString) kinds = g_string_new(NULL);

	for (const SourceType *const *type = source_types; *type; type++)
		if (!(*type)->places) /* those are the same everywhere: there is a list of them */
			g_string_append_printf(kinds, "%s%s: and %s, such as %s:%s",
					       kinds->len ? "; or " : "", (*type)->scheme,
					       (*type)->called, (*type)->scheme, (*type)->example);
	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		    "there is no interface %s: it must be %s", name, kinds->str);
}

PointAddress *point_name_resolve(Broker *broker, const char *name, GError **error)
{
	const SourceType *type = interface_type(name);
	g_autofree char *address = NULL;
	GError *failure = NULL;

	if (name[0] == '/')
		return point_address_new(source_types[0], name);
	address = interface_address(name, NULL);
	if (!address && interface_is_cut(name))
		address = find_cut(broker, name, &failure);
	if (address)
		return point_address_new(type, address);
	if (failure)
		g_propagate_error(error, failure);
	else if (type)
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "there is no interface %s: give it as 'xdpshark list --json' shows it "
			    "(with %%7E for ~, %%25 for %%), or give the %s of the %s",
			    name, type->address == SOURCE_ADDRESS_PATH ? "path" : "address",
			    type->noun);
	else
		set_no_interface_error(error, name);
	return NULL;
}

/* Points that are listed to choose from. */
#define SHOWN_MAX 8

typedef enum {
	NEAR, /* the point's name, or a device in our network namespace */
	FAR,  /* a device in another one */
	NEARNESS_COUNT,
} Nearness;

static gboolean is_called(const Point *point, const char *name, Nearness nearness)
{
	/* Programs share names with each other, and with words of filters. */
	if (nearness == NEAR && point->type != &source_program && point->type != &source_tc &&
	    strcmp(point->name, name) == 0)
		return TRUE;
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (device->own_namespace == (nearness == NEAR) && strcmp(device->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* A map may have several pins; the first one will do. */
static gboolean is_another(const GPtrArray *points, const Point *point)
{
	for (guint i = 0; i < points->len; i++)
		if (point_is_same(g_ptr_array_index(points, i), point))
			return FALSE;
	return TRUE;
}

static void add_called(GPtrArray *found, const GPtrArray *points, const SourceType *type,
		       const char *name, Nearness nearness)
{
	for (guint i = 0; i < points->len; i++) {
		Point *point = g_ptr_array_index(points, i);

		/* Who names a device means all that is on it, not a component. */
		if (point->type == type && !point_is_part(point) &&
		    is_called(point, name, nearness) && is_another(found, point))
			g_ptr_array_add(found, point);
	}
}

/* The points with that name, or if there are none, with such a device elsewhere. Hooks first: to
 * capture them costs less. */
static GPtrArray *find_called(const GPtrArray *points, const char *name)
{
	GPtrArray *found = g_ptr_array_new();

	for (const SourceType *const *type = source_types; *type && found->len == 0; type++)
		for (Nearness nearness = NEAR; nearness < NEARNESS_COUNT && found->len == 0;
		     nearness++)
			add_called(found, points, *type, name, nearness);
	return found;
}

/* Those that can be captured. */
static GPtrArray *find_open(const GPtrArray *points)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; i < points->len; i++)
		if (point_is_open(g_ptr_array_index(points, i)))
			g_ptr_array_add(found, g_ptr_array_index(points, i));
	return found;
}

/* "/sys/fs/bpf/fw (XDP hook fw on eth0), ..." */
static char *format_choice(const GPtrArray *points)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < MIN(points->len, SHOWN_MAX); i++) {
		const Point *point = g_ptr_array_index(points, i);
		g_autofree char *display = point_display(point), *typed = point_typed(point);

		g_string_append_printf(text, "%s%s (%s)", i ? ", " : "", typed, display);
	}
	if (points->len > SHOWN_MAX)
		g_string_append_printf(text, " and %u more", points->len - SHOWN_MAX);
	return g_string_free(text, FALSE);
}

static void set_not_found_error(GError **error, const GPtrArray *all, const char *name)
{
	g_autoptr(GPtrArray) points = find_open(all);
	g_autofree char *choice = format_choice(points);
	gboolean device = if_nametoindex(name) != 0;

	g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		    "%s '%s'%s: give the path, the name or the device of a hook first, then the "
		    "filter (%s%s)",
		    device ? "no XDP program with a hook is on the device" : "there is no hook",
		    name, device ? "" : ", and no device with one",
		    points->len > 0 ? "there is: "
				    : "this machine has none: 'xdpshark list' says why",
		    choice);
}

/* The type of which the name is only the beginning: "kernel:". */
static const SourceType *find_beginning(const char *name)
{
	gsize length = strlen(name);

	return length > 1 && name[length - 1] == ':' ? source_type_find(name, length - 1) : NULL;
}

PointAddress *point_name_find(Broker *broker, const char *name, GError **error)
{
	const SourceType *begun = find_beginning(name);
	g_autoptr(GPtrArray) points = NULL, found = NULL;
	g_autofree char *choice = NULL;

	if (begun) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "'%s' is only the beginning of a name: %s follows, such as %s%s", name,
			    begun->called, name, begun->example);
		return NULL;
	}
	if (name[0] == '/' || interface_type(name))
		return point_name_resolve(broker, name, error);
	points = broker_list_points(broker, NULL, error);
	if (!points)
		return NULL;
	found = find_called(points, name);
	if (found->len == 1) {
		const Point *point = g_ptr_array_index(found, 0);

		return point_address_new(point->type, point->address);
	}
	if (found->len == 0) {
		set_not_found_error(error, points, name);
		return NULL;
	}
	choice = format_choice(found);
	g_set_error(
		error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
		"several hooks are called '%s', or belong to a device of that name: give the path "
		"of one: %s",
		name, choice);
	return NULL;
}
