// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "device.h"
#include "program_point.h"
#include "program_record.h"
#include "tc_member.h"
#include "trace.h"
#include "xdp_attached.h"
#include "xdp_function.h"

typedef struct {
	const SourceType *type;
	char *address;
	int fd; /* of the first program; -1: it is watched through the kernel's function */
	char *function;
	gboolean has_function; /* one was watched by its own function: the next one is tried so */
	TraceTarget target;
	TraceLinks links;
	ProgramRequest request; /* of the programs, for loading more */
	ProgramSet *next;	/* of the program that is there now; NULL: it is the first one */
	guint64 skips;		/* of programs that are gone; see trace_skips() */
	TcMember *member;	/* NULL: it is no program of tc */
	guint32 refused;	/* a program that could not be followed */
	char *trouble;		/* why no packets come; or NULL */
	gboolean has_news;
	GPtrArray *sockets; /* PointSocket * that were reported last; NULL: none yet */
} Place;

#define ALL_ACTIONS ((1U << XDPSHARK_ACTIONS) - 1)

static gboolean set_refusal(const Place *place, const char *reason, GError **error)
{
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, "the %s %s cannot be captured: %s",
		    place->type->noun, place->address, reason);
	return FALSE;
}

/* By its own function, or, where it has none that can be named, through the kernel's. */
static gboolean choose_function(Place *place, const Point *point, GError **error)
{
	if (point->refusal)
		return set_refusal(place, point->refusal, error);
	place->fd = bpf_prog_get_fd_by_id(point->id);
	if (place->fd < 0) {
		g_set_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND,
			    "the %s %s has just gone: %s", place->type->noun, place->address,
			    g_strerror(errno));
		return FALSE;
	}
	place->function = xdp_function_name(place->fd);
	if (!place->function) {
		close(place->fd);
		place->fd = -1;
	}
	return TRUE;
}

_Static_assert((int)SOURCE_AT_ENTRY == XDPSHARK_AT_ENTRY && (int)SOURCE_AT_EXIT == XDPSHARK_AT_EXIT,
	       "the same in requests and for the programs");

/* Others may have asked for whatever number. */
static guint points_of(guint32 requested, guint fallback)
{
	guint points = requested & SOURCE_AT_BOTH;

	return points ? points : fallback;
}

/* A bond runs no native program itself. What is no kind of device may be that of a virtual machine,
 * whose virtual function runs it. */
static gboolean gives_to_ports(const PointDevice *device)
{
	return device->mode == XDP_MODE_NATIVE &&
	       (!device->kind || strcmp(device->kind, "bond") == 0);
}

/* Which program it is, and which device's packets count. */
static void set_point(TraceTarget *target, const Point *point)
{
	const PointDevice *device = point->devices->len > 0 ? point->devices->pdata[0] : NULL;

	target->program = point->id;
	target->ifindex = device && !program_point_is_of_peer(point) ? device->ifindex : 0;
	target->ports = device && gives_to_ports(device);
	target->namespace_cookie = device ? device->namespace_cookie : device_own_cookie();
	target->namespace = device ? device->namespace : 0;
	target->way = program_point_way(point);
}

static Point *choose_point(const SessionRequest *request, GError **error)
{
	const char *const addresses[] = { request->address, NULL };
	g_autoptr(GPtrArray) points = NULL;

	if (request->group)
		return tc_member_choose(request, error);
	points = program_points_find(request->type, addresses, error);
	return points ? g_ptr_array_steal_index(points, 0) : NULL;
}

static gboolean set_target(Place *place, const SessionRequest *request, GError **error)
{
	g_autoptr(Point) point = choose_point(request, error);

	if (!point || !choose_function(place, point, error))
		return FALSE;
	place->has_function = place->fd >= 0;
	place->target = (TraceTarget){
		.fd = place->fd,
		.function = place->function,
		.captured = points_of(request->at, SOURCE_AT_BOTH),
		.judged = points_of(request->filter_at, SOURCE_AT_ENTRY),
		/* All actions are all verdicts, also what is no action. */
		.actions = (request->verdicts & ALL_ACTIONS) == ALL_ACTIONS ? 0 : request->verdicts,
		.is_tc = request->type == &source_tc,
	};
	set_point(&place->target, point);
	if (place->target.is_tc)
		place->member = tc_member_new(request, point);
	return TRUE;
}

static void place_free(gpointer data)
{
	Place *place = data;

	trace_detach(&place->links);
	program_set_free(place->next);
	if (place->fd >= 0)
		close(place->fd);
	tc_member_free(place->member);
	g_free((gpointer)place->request.filter);
	g_free(place->function);
	g_clear_pointer(&place->sockets, g_ptr_array_unref);
	g_free(place->trouble);
	g_free(place->address);
	g_free(place);
}

static gpointer place_open(const SessionRequest *request, GError **error)
{
	Place *place = g_new0(Place, 1);

	place->type = request->type;
	place->fd = -1;
	place->links = (TraceLinks){ -1, -1 };
	place->address = g_strdup(request->address);
	if (set_target(place, request, error))
		return place;
	place_free(place);
	return NULL;
}

static ProgramSet *load(gpointer data, ProgramRequest *request, Identity *identity G_GNUC_UNUSED,
			GError **error)
{
	Place *place = data;

	place->request = *request;
	place->request.filter =
		g_memdup2(request->filter, request->filter_length * sizeof(*request->filter));
	place->request.identity = NULL; /* that of the first programs is copied */
	return trace_load(request, &place->target, error);
}

/* The kernel refuses functions that another program stands in for, and dispatchers that have been
 * superseded by a newer one. */
static void append_remedy(const Place *place, GError *error)
{
	g_autofree char *components =
		place->type == &source_program ? xdp_attached_components(place->address) : NULL;
	char *text = components ? g_strdup_printf("%s; capture one of its components: %s",
						  error->message, components)
				: g_strdup_printf("%s; capture what is on the device now "
						  "(xdpshark list)",
						  error->message);

	g_free(error->message);
	error->message = text;
}

static gboolean attach(gpointer data, const ProgramSet *programs, GError **error)
{
	GError *reason = NULL;
	Place *place = data;

	if (trace_attach(programs, &place->links, &reason))
		return TRUE;
	if (g_error_matches(reason, PROGRAM_ERROR, PROGRAM_ERROR_TAKEN))
		append_remedy(place, reason);
	g_propagate_prefixed_error(
		error, reason, "the %s %s cannot be captured: ", place->type->noun, place->address);
	return FALSE;
}

static gboolean detach(gpointer data, const ProgramSet *programs)
{
	Place *place = data;

	program_set_end(programs);
	trace_detach(&place->links);
	return TRUE;
}

/* What the kernel has left out is lost, whether it would have matched or not. */
static void settle(gpointer data, const ProgramSet *programs)
{
	Place *place = data;
	guint64 skips = place->skips + trace_skips(programs);

	if (place->next)
		skips += trace_skips(place->next);
	trace_count_skips(programs, skips);
}

/* What is attached to its own function, or to the kernel's, takes programs of its own. */
static ProgramSet *load_again(const Place *place, const ProgramSet *programs, const Point *point,
			      gboolean *ret_has_function, GError **error)
{
	int fd = bpf_prog_get_fd_by_id(point->id);
	g_autofree char *function = fd >= 0 ? xdp_function_name(fd) : NULL;
	TraceTarget target = place->target;
	ProgramSet *next = NULL;

	set_point(&target, point);
	target.fd = function ? fd : -1;
	target.function = function;
	*ret_has_function = function != NULL;
	if (fd < 0)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, "it has gone again");
	else if (!function && target.is_tc)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "it was loaded without BTF");
	else if (!function && trace_dispatcher_refusal())
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "it was loaded without BTF, and %s", trace_dispatcher_refusal());
	else
		next = trace_load_again(programs, &place->request, &target, error);
	if (fd >= 0)
		close(fd);
	return next;
}

static gboolean watch_again(Place *place, const ProgramSet *programs, const Point *point,
			    GError **error)
{
	gboolean has_function;
	g_autoptr(ProgramSet) next = load_again(place, programs, point, &has_function, error);
	TraceLinks links;

	if (!next)
		return FALSE;
	if (!trace_attach(next, &links, error)) {
		if (error && g_error_matches(*error, PROGRAM_ERROR, PROGRAM_ERROR_TAKEN))
			append_remedy(place, *error);
		return FALSE;
	}
	program_set_end(programs);
	trace_detach(&place->links);
	place->links = links;
	place->has_function |= has_function;
	if (place->next)
		place->skips += trace_skips(place->next);
	program_set_free(place->next);
	place->next = g_steal_pointer(&next);
	return TRUE;
}

/* What keeps packets away, for the next look(); NULL: nothing does. Taken over. */
static void set_trouble(Place *place, char *trouble)
{
	g_free(place->trouble);
	place->trouble = trouble;
}

/* A device that was made anew has the name of the one before, and another index. A program of tc
 * may have been moved to packets of the other direction. */
static gboolean is_same_place(const Place *place, const Point *point)
{
	TraceTarget target = place->target;

	set_point(&target, point);
	return target.ifindex == place->target.ifindex && target.ports == place->target.ports &&
	       target.namespace_cookie == place->target.namespace_cookie &&
	       target.namespace == place->target.namespace && target.way == place->target.way;
}

/* 0: none any more. */
static void set_refused(Place *place, guint32 id)
{
	place->refused = id;
	if (place->member)
		tc_member_refuse(place->member, id);
}

static void follow(Place *place, const ProgramSet *programs, const Point *point)
{
	gboolean again = place->has_function || !is_same_place(place, point);
	g_autoptr(GError) error = NULL;
	guint32 id = point->id;

	if (again && !watch_again(place, programs, point, &error)) {
		set_trouble(place,
			    g_strdup_printf("another one is there (#%u), which this capture cannot "
					    "go on with: %s: start the capture again",
					    id, error->message));
		set_refused(place, id);
		return;
	}
	trace_watch(programs, id);
	set_point(&place->target, point);
	if (place->member)
		tc_member_follow(place->member, point);
	set_trouble(place, NULL);
	place->has_news = TRUE;
}

/* NULL if none is there. */
static Point *find_point(const Place *place)
{
	const char *const addresses[] = { place->address, NULL };
	g_autoptr(GPtrArray) points = NULL;

	if (place->member)
		return tc_member_find(place->member);
	points = xdp_attached_describe(addresses, NULL);
	return points ? g_ptr_array_steal_index(points, 0) : NULL;
}

static gboolean are_same_sockets(const GPtrArray *before, const GPtrArray *now)
{
	if (!before || before->len != now->len)
		return !before && now->len == 0;
	for (guint i = 0; i < now->len; i++) {
		const PointSocket *one = g_ptr_array_index(before, i);
		const PointSocket *other = g_ptr_array_index(now, i);

		if (one->inode != other->inode || one->pid != other->pid ||
		    strcmp(one->process, other->process) != 0)
			return FALSE;
	}
	return TRUE;
}

static void note_sockets(Place *place, const Point *point)
{
	if (are_same_sockets(place->sockets, point->sockets))
		return;
	g_clear_pointer(&place->sockets, g_ptr_array_unref);
	place->sockets = g_ptr_array_ref(point->sockets);
	place->has_news = TRUE;
}

/* A program that has been replaced lives on as long as it is watched, and gets no packets. */
static void mend(gpointer data, const ProgramSet *programs)
{
	Place *place = data;
	g_autoptr(Point) point = find_point(place);

	if (point)
		note_sockets(place, point);
	if (!point) {
		set_trouble(place, g_strdup("none is there any more: no packets come until one is "
					    "attached"));
		set_refused(place, 0);
	} else if (point->id == place->target.program && is_same_place(place, point)) {
		set_trouble(place, NULL);
	} else if (point->id != place->refused) {
		follow(place, programs, point);
	}
}

static void look(gpointer data, SessionNews *ret_news)
{
	Place *place = data;

	if (place->has_news)
		ret_news->users = find_point(place);
	place->has_news = FALSE;
	if (place->member)
		ret_news->newcomers = tc_member_newcomers(place->member);
	ret_news->remark = g_strdup(place->trouble);
}

/* Of both sources, which differ in where their programs are. */
#define OPERATIONS                                                                                 \
	.open = place_open, .load = load, .attach = attach, .detach = detach, .settle = settle,    \
	.mend = mend, .look = look, .free = place_free

const Source program_source = {
	.type = &source_program,
	.list = program_points_list,
	.relate = program_points_relate,
	.describe = program_points_describe,
	OPERATIONS,
};

const Source tc_source = {
	.type = &source_tc,
	.list = tc_points_list,
	.relate = tc_points_relate,
	.describe = tc_points_describe,
	.members = tc_point_members,
	OPERATIONS,
};
