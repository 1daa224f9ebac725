// SPDX-License-Identifier: GPL-2.0-or-later
#include "tally.h"

#include <string.h>

#include "program_record.h"

#define NS_PER_SECOND 1e9

/* That counts all packets of a type without verdicts. */
#define SLOT_UNDECIDED 0

static void tally_point_free(gpointer data)
{
	TallyPoint *counted = data;

	point_free(counted->point);
	g_free(counted);
}

Tally *tally_new(gboolean filtered)
{
	Tally *tally = g_new0(Tally, 1);

	tally->points = g_ptr_array_new_with_free_func(tally_point_free);
	tally->filtered = filtered;
	return tally;
}

void tally_free(Tally *tally)
{
	if (!tally)
		return;
	g_ptr_array_unref(tally->points);
	g_free(tally);
}

TallyPoint *tally_add(Tally *tally, Point *point, guint32 wanted)
{
	TallyPoint *counted = g_new0(TallyPoint, 1);

	counted->point = point;
	counted->wanted = wanted;
	g_ptr_array_add(tally->points, counted);
	return counted;
}

void tally_update_point(TallyPoint *counted, Point *point)
{
	point_free(counted->point);
	counted->point = point;
}

void tally_begin(Tally *tally, guint64 now, guint64 real_time)
{
	tally->began = tally->last = now;
	tally->real_time = real_time;
	tally->interval = 0;
}

void tally_look(Tally *tally, guint64 now, guint64 real_time)
{
	tally->interval = (gdouble)(now - tally->last) / NS_PER_SECOND;
	tally->last = now;
	tally->real_time = real_time;
}

void tally_set(TallyPoint *counted, const TallyCounts *now)
{
	for (guint i = 0; i < XDPSHARK_VERDICT_SLOTS; i++) {
		const TallyCount *before = &counted->total.verdicts[i];
		TallyCount *fresh = &counted->fresh.verdicts[i];

		fresh->packets = now->verdicts[i].packets - before->packets;
		fresh->bytes = now->verdicts[i].bytes - before->bytes;
	}
	counted->fresh.unmatched = now->unmatched - counted->total.unmatched;
	counted->total = *now;
}

gdouble tally_seconds(const Tally *tally)
{
	return (gdouble)(tally->last - tally->began) / NS_PER_SECOND;
}

gdouble tally_rate(const Tally *tally, guint64 fresh)
{
	return tally->interval > 0 ? (gdouble)fresh / tally->interval : 0;
}

/* What a program returns that is no action is shown once there is any. At entry nothing is decided.
 */
gboolean tally_shows(const TallyPoint *counted, guint verdict)
{
	guint verdicts = counted->point->type->verdict_count;

	if (verdict < verdicts)
		return counted->wanted == 0 || counted->wanted >> verdict & 1;
	if (verdicts == 0)
		return verdict == SLOT_UNDECIDED;
	return verdict == XDPSHARK_SLOT_OTHER && counted->total.verdicts[verdict].packets > 0;
}

const char *tally_verdict_name(const TallyPoint *counted, guint verdict)
{
	const char *name = source_slot_name(counted->point->type, verdict);

	if (name)
		return name;
	return counted->point->type->verdict_count == 0 ? "SEEN" : "OTHER";
}

char *tally_device(const PointDevice *device)
{
	if (device->own_namespace)
		return g_strdup(device->name);
	if (device->namespace_name)
		return g_strdup_printf("%s:%s", device->namespace_name, device->name);
	return g_strdup_printf("%" G_GUINT64_FORMAT ":%s", device->namespace, device->name);
}

char *tally_hook(const TallyPoint *counted)
{
	return point_typed(counted->point);
}

static gint compare_names(gconstpointer left, gconstpointer right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Takes over names; each is there once in the result, in a fixed order. */
static char *join_names(GPtrArray *names)
{
	GString *text = g_string_new(NULL);
	const char *before = NULL;

	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);

		if (!before || strcmp(before, name) != 0)
			g_string_append_printf(text, "%s%s", before ? "," : "", name);
		before = name;
	}
	g_ptr_array_unref(names);
	return g_string_free(text, FALSE);
}

char *tally_programs(const TallyPoint *counted)
{
	const GPtrArray *programs = counted->point->programs;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < programs->len; i++)
		g_ptr_array_add(
			names,
			g_strdup(((const PointProgram *)g_ptr_array_index(programs, i))->name));
	return join_names(names);
}

char *tally_interfaces(const TallyPoint *counted)
{
	const GPtrArray *devices = counted->point->devices;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < devices->len; i++)
		g_ptr_array_add(names, tally_device(g_ptr_array_index(devices, i)));
	return join_names(names);
}
