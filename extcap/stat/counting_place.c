// SPDX-License-Identifier: GPL-2.0-or-later
#include "counting_place.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static gsize mapped_size(const Place *place)
{
	return place->cpu_count * sizeof(struct xdpshark_cpu);
}

void counting_place_free(gpointer data)
{
	Place *place = data;

	if (place->cpus)
		munmap((void *)place->cpus, mapped_size(place));
	if (place->session)
		broker_session_free(place->session);
	if (place->follow)
		follow_free(place->follow);
	if (place->detached)
		detached_free(place->detached);
	if (place->filter)
		point_filter_free(place->filter);
	g_free(place);
}

/* Nothing but counters is read, and nothing is written. */
static gboolean map_counters(Place *place, GError **error)
{
	const Rings *rings = broker_session_rings(place->session);
	void *address;

	place->cpu_count = rings->cpu_count;
	address = mmap(NULL, mapped_size(place), PROT_READ, MAP_SHARED, rings->cpus, 0);
	if (address != MAP_FAILED) {
		place->cpus = address;
		return TRUE;
	}
	g_set_error(error, COUNTING_ERROR, 0, "cannot map the counters: %s", g_strerror(errno));
	return FALSE;
}

static gboolean make_filter(const Counting *counting, Place *place, const Point *point,
			    GError **error)
{
	const char *text = counting->request.filter;
	const Place *before =
		counting->places->len > 0
			? g_ptr_array_index(counting->places, counting->places->len - 1)
			: NULL;
	g_autoptr(GError) reason = NULL;

	place->filter =
		point_filter_new(point, text, NULL, before ? before->filter : NULL, &reason);
	if (place->filter)
		return TRUE;
	filter_error_quote(&reason, text);
	g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

static void add_observers(const Counting *counting, Place *place, const SessionRequest *request)
{
	const DetachedSetting setting = {
		.clock = counting->clock,
		.actions = request->verdicts,
		.share_foreign = request->share_foreign,
		.loss = "the counts lack those packets",
		.report = counting->request.report,
		.data = counting->request.data,
	};

	place->follow = follow_new(counting->request.follow, counting->request.report,
				   counting->request.data);
	place->detached = detached_new(request->address, &setting);
}

static gboolean choose_verdicts(const Counting *counting, const SourceType *type,
				guint32 *ret_verdicts, GError **error)
{
	const char *actions = counting->request.actions;
	g_auto(GStrv) names = g_strsplit(actions ? actions : "", ",", -1);

	*ret_verdicts = 0;
	for (char **name = names; *name; name++) {
		guint bit = **name ? source_verdict_bit(type, *name) : 0;

		if (!bit && **name) {
			g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
				    "--actions: '%s' is no action of a %s", *name, type->title);
			return FALSE;
		}
		*ret_verdicts |= bit;
	}
	return TRUE;
}

gboolean counting_place_open(Counting *counting, Place *place, Point *point, GError **error)
{
	const CountingRequest *wanted = &counting->request;
	guint options = point->type->options;
	SessionRequest request = {
		.type = point->type,
		.address = point->address,
		.group = point->group,
		.id = point->id,
		.snaplen = 1,
		.share_foreign = wanted->share_foreign && options & SOURCE_HAS_SHARE_FOREIGN,
		.unproven = wanted->unproven && options & SOURCE_HAS_UNPROVEN,
		.ring_size = 0,
	};

	if (!choose_verdicts(counting, point->type, &request.verdicts, error) ||
	    !make_filter(counting, place, point, error))
		return FALSE;
	/* A filter is for packets as they come, an action is known when they go. */
	if (options & SOURCE_HAS_SIGHTINGS)
		request.at = *wanted->filter ? SOURCE_AT_BOTH : SOURCE_AT_EXIT;
	request.filter = place->filter->filter->code;
	request.filter_length = place->filter->filter->length;
	place->session = broker_session_open(counting->broker, &request, error);
	if (!place->session || !map_counters(place, error))
		return FALSE;
	add_observers(counting, place, &request);
	place->counted = tally_add(counting->tally, point, request.verdicts);
	return TRUE;
}
