// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_source.h"

#include "xsk_find.h"
#include "xsk_program.h"

typedef struct {
	char *address;
	XskTarget target;
	TraceLinks links;
	char *trouble; /* why no packets come; or NULL */
	gboolean has_news;
} Place;

/* Where the kernel lets nobody see what they send, they are not shown. */
static GPtrArray *list(GPtrArray **ret_others G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
	if (trace_refusal())
		return g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	return xsk_list();
}

static Point *find_point(const char *address, GError **error)
{
	const char *const addresses[] = { address, NULL };
	g_autoptr(GPtrArray) points = xsk_describe(addresses, error);

	return points ? g_ptr_array_steal_index(points, 0) : NULL;
}

static XskTarget target_of(const Point *point)
{
	const PointDevice *device = g_ptr_array_index(point->devices, 0);

	return (XskTarget){
		.ifindex = device->ifindex,
		.namespace_cookie = device->namespace_cookie,
		.namespace = device->namespace,
	};
}

static void place_free(gpointer data)
{
	Place *place = data;

	trace_detach(&place->links);
	g_free(place->trouble);
	g_free(place->address);
	g_free(place);
}

static gpointer place_open(const SessionRequest *request, GError **error)
{
	g_autoptr(Point) point = find_point(request->address, error);
	Place *place;

	if (!point)
		return NULL;
	if (trace_refusal()) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "what AF_XDP sockets send on %s cannot be captured: %s; capture where "
			    "it arrives",
			    request->address, trace_refusal());
		return NULL;
	}
	place = g_new0(Place, 1);
	place->address = g_strdup(request->address);
	place->target = target_of(point);
	place->links = (TraceLinks){ -1, -1 };
	return place;
}

static ProgramSet *load(gpointer data, ProgramRequest *request, Identity *identity G_GNUC_UNUSED,
			GError **error)
{
	const Place *place = data;

	return xsk_program_load(request, &place->target, error);
}

static gboolean attach(gpointer data, const ProgramSet *programs, GError **error)
{
	Place *place = data;

	if (trace_attach(programs, &place->links, error))
		return TRUE;
	g_prefix_error(error,
		       "what AF_XDP sockets send on %s cannot be captured: ", place->address);
	return FALSE;
}

static gboolean detach(gpointer data, const ProgramSet *programs G_GNUC_UNUSED)
{
	Place *place = data;

	trace_detach(&place->links);
	return TRUE;
}

static gboolean is_same_device(const XskTarget *one, const XskTarget *other)
{
	return one->ifindex == other->ifindex && one->namespace_cookie == other->namespace_cookie &&
	       one->namespace == other->namespace;
}

/* The programs look for the device by its index; one that is made anew has another. */
static void mend(gpointer data, const ProgramSet *programs)
{
	Place *place = data;
	g_autoptr(Point) point = find_point(place->address, NULL);
	XskTarget target = point ? target_of(point) : place->target;

	g_free(place->trouble);
	place->trouble = point ? NULL
			       : g_strdup("there is no such device any more: no packets come until "
					  "there is one");
	if (is_same_device(&target, &place->target))
		return;
	xsk_program_watch(programs, &target);
	place->target = target;
	place->has_news = TRUE;
}

static void look(gpointer data, SessionNews *ret_news)
{
	Place *place = data;

	if (place->has_news)
		ret_news->users = find_point(place->address, NULL);
	place->has_news = FALSE;
	ret_news->remark = g_strdup(place->trouble);
}

const Source xsk_source = {
	.type = &source_xsk,
	.list = list,
	.describe = xsk_describe,
	.open = place_open,
	.load = load,
	.attach = attach,
	.detach = detach,
	.mend = mend,
	.look = look,
	.free = place_free,
};
