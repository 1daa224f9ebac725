/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter for the packets of a point, which begin as its devices' types say: with an Ethernet
 * header, with an IP header, or some so and some so.
 */
#ifndef XDPSHARK_POINT_FILTER_H
#define XDPSHARK_POINT_FILTER_H

#include "exclusion.h"
#include "filter.h"
#include "point.h"

typedef struct {
	const Filter *filter;
	GPtrArray *remarks; /* char *, lines that the user should read */
	/* private */
	Filter *own; /* filter, if that is not another's */
	guint32 netmask;
	guint links;	/* bit 1 << LinkType for those of the point's devices */
	LinkType link;	/* of the packets of devices that are not in others */
	GArray *others; /* guint32, indexes of devices with raw IP among those with Ethernet */
	GArray *told;	/* guint32, indexes of devices that point_filter_review() has told of */
	gboolean all;	/* it lets everything through */
} PointFilter;

/* exclusion may be NULL, and so may before: the filter of another point with the same text and
 * exclusion, which is used again where it is the same, and must live longer then. An error of
 * domain POINT_ERROR says that the point has devices whose packets we have no name for. */
PointFilter *point_filter_new(const Point *point, const char *text, const Exclusion *exclusion,
			      const PointFilter *before, GError **error);
void point_filter_free(PointFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PointFilter, point_filter_free)

/* Whether the point has devices now whose packets are of another type than there were when the
 * filter was made: a line about those that were not told before, to be freed by g_free(), and how
 * grave it is; else NULL. */
char *point_filter_review(PointFilter *filter, const Point *point, GLogLevelFlags *ret_level);

#endif /* XDPSHARK_POINT_FILTER_H */
