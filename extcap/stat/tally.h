/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has been counted at points, and how much of it since the interval before. Plain data, from
 * which all views are made.
 */
#ifndef XDPSHARK_TALLY_H
#define XDPSHARK_TALLY_H

#include <glib.h>

#include "point.h"
#include "record.h"

typedef struct {
	guint64 packets;
	guint64 bytes;
} TallyCount;

typedef struct {
	TallyCount verdicts[XDPSHARK_VERDICT_SLOTS]; /* of packets that match */
	guint64 unmatched;
} TallyCounts;

typedef struct {
	Point *point;
	guint32 wanted;	   /* bit 1 << verdict for those that are counted */
	guint32 absent;	   /* likewise, those that are not counted at the moment */
	gboolean attached; /* else there is nothing to show of it */
	TallyCounts total; /* since the start */
	TallyCounts fresh; /* of the last interval */
} TallyPoint;

typedef struct {
	GPtrArray *points; /* TallyPoint * */
	gboolean filtered; /* there is a filter: some packets may not match */
	guint64 began;	   /* monotonic, in ns */
	guint64 last;	   /* likewise, of the last look */
	gdouble interval;  /* seconds between the last two looks */
	guint64 real_time; /* of the last look: ns since 1970 UTC */
} Tally;

Tally *tally_new(gboolean filtered);
void tally_free(Tally *tally);

/* Takes over point. */
TallyPoint *tally_add(Tally *tally, Point *point, guint32 wanted);
void tally_update_point(TallyPoint *counted, Point *point);

/* Begins at this time; later looks are at least a moment later. */
void tally_begin(Tally *tally, guint64 now, guint64 real_time);
void tally_look(Tally *tally, guint64 now, guint64 real_time);
/* The point's counts at that look. */
void tally_set(TallyPoint *counted, const TallyCounts *now);

/* Seconds since the beginning. */
gdouble tally_seconds(const Tally *tally);

/* Of the last interval. */
gdouble tally_rate(const Tally *tally, guint64 fresh);

/* Whether there is something to show of that verdict. */
gboolean tally_shows(const TallyPoint *counted, guint verdict);

/* "eth0", or as for xdp-prog: "NETNS:eth0", without spaces of ours. Free with g_free(). */
char *tally_device(const PointDevice *device);

/* "OTHER" if the source has no name for it. */
const char *tally_verdict_name(const TallyPoint *counted, guint verdict);

/* What is counted there, without ids, so that it stays the same when a program is loaded anew: for
 * people and for labels. "" where there is none. Free with g_free(). */
char *tally_hook(const TallyPoint *counted);
char *tally_programs(const TallyPoint *counted);
char *tally_interfaces(const TallyPoint *counted);

#endif /* XDPSHARK_TALLY_H */
