// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What xdpshark-hookd does for it: the programs of a capture are run on packets that it makes.
 */
#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

extern const SourceType numbered_type;
extern const Source numbered_source;

#define FRAME	  64
#define TYPE_AT	  12 /* 88b5: for experiments */
#define NUMBER_AT 14

/* A group: at first it has the first of these, and another one comes whenever the one before has
 * made its packets; the last one cannot be captured. */
#define GROUP "growing"
static const char *const members[] = { "11", "7", "5", NULL };

typedef struct {
	guint wanted, made, verdicts;
	gboolean grows; /* is of the group */
} Place;

static GPtrArray *describe(const char *const *addresses, GError **error G_GNUC_UNUSED)
{
	GPtrArray *points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	for (; *addresses; addresses++) {
		Point *point = point_new(&numbered_type);

		point->address = g_strdup(*addresses);
		point->name = g_strdup(*addresses);
		point->id = (guint32)atoi(*addresses);
		g_ptr_array_add(points, point);
	}
	return points;
}

static GPtrArray *list(GPtrArray **ret_others G_GNUC_UNUSED, GError **error)
{
	const char *const addresses[] = { "100", NULL };

	return describe(addresses, error);
}

static GStrv find_members(const char *address)
{
	const char *const first[] = { members[0], NULL };

	return strcmp(address, GROUP) == 0 ? g_strdupv((GStrv)first) : NULL;
}

static gpointer place_open(const SessionRequest *request, GError **error G_GNUC_UNUSED)
{
	Place *place = g_new0(Place, 1);

	place->wanted = request->id;
	place->grows = g_strcmp0(request->group, GROUP) == 0;
	place->verdicts = request->verdicts ? request->verdicts : ~0U;
	return place;
}

static ProgramSet *load(gpointer data, ProgramRequest *request, Identity *identity G_GNUC_UNUSED,
			GError **error)
{
	request->actions = ((Place *)data)->verdicts;
	request->kind = &kind_plain;
	return program_set_load(request, error);
}

static gboolean attach(gpointer data G_GNUC_UNUSED, const ProgramSet *programs G_GNUC_UNUSED,
		       GError **error G_GNUC_UNUSED)
{
	return TRUE;
}

static gboolean detach(gpointer data G_GNUC_UNUSED, const ProgramSet *programs G_GNUC_UNUSED)
{
	return TRUE;
}

static void beat(gpointer data, const ProgramSet *programs)
{
	Place *place = data;

	for (; place->made < place->wanted; place->made++) {
		guint verdict = place->made % 2 ? XDP_DROP : XDP_PASS;
		guint8 frame[FRAME] = { [TYPE_AT] = 0x88, [TYPE_AT + 1] = 0xb5 };
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = FRAME,
			    .repeat = 1);

		frame[NUMBER_AT] = (guint8)(place->made >> 8);
		frame[NUMBER_AT + 1] = (guint8)place->made;
		if (program_set_fd(programs, verdict) >= 0 &&
		    bpf_prog_test_run_opts(program_set_fd(programs, verdict), &run) < 0)
			g_warning("packet %u is not run", place->made);
	}
}

static void look(gpointer data, SessionNews *ret_news)
{
	Place *place = data;
	guint next = 1;
	Point *point;

	if (!place->grows || place->made < place->wanted)
		return;
	place->grows = FALSE;
	while (atoi(members[next - 1]) != (int)place->wanted)
		next++;
	ret_news->newcomers = describe((const char *[]){ members[next], NULL }, NULL);
	point = g_ptr_array_index(ret_news->newcomers, 0);
	point->group = g_strdup(GROUP);
	point->refusal = members[next + 1] ? NULL : g_strdup("it is the last one");
}

const Source numbered_source = {
	.type = &numbered_type,
	.list = list,
	.describe = describe,
	.members = find_members,
	.open = place_open,
	.load = load,
	.attach = attach,
	.detach = detach,
	.beat = beat,
	.look = look,
	.free = g_free,
};
