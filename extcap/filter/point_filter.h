/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter for the packets of a point. Depending on the types of its devices these begin with an
 * Ethernet header, with an IP header, or some with either.
 */
#ifndef XDPSHARK_POINT_FILTER_H
#define XDPSHARK_POINT_FILTER_H

#include "exclusion.h"
#include "filter.h"
#include "point.h"

typedef struct {
	const Filter *filter;
	GPtrArray *remarks; /* char *, lines for the user */
	/* private */
	Filter *own; /* filter, unless it belongs to another one */
	guint32 netmask;
	guint links;	  /* bits 1 << LinkType, for the types of the point's devices */
	LinkType link;	  /* of the devices that are not in others */
	GArray *others;	  /* guint32, indexes of raw IP devices, if there are also Ethernet ones */
	GArray *reported; /* guint32, indexes of devices that point_filter_review() has reported */
	gboolean all;	  /* matches every packet */
} PointFilter;

/* exclusion may be NULL. So may before: the filter of another point with the same text and
 * exclusion, which is reused if possible, and must outlive this one. An error of domain POINT_ERROR
 * says that the point has devices with packets of an unknown type. */
PointFilter *point_filter_new(const Point *point, const char *text, const Exclusion *exclusion,
			      const PointFilter *before, GError **error);
void point_filter_free(PointFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PointFilter, point_filter_free)

/* Checks whether the point now has devices with other types of packets than the filter was made
 * for. Returns a line about those not reported before, to be freed with g_free(), and its level;
 * else NULL. */
char *point_filter_review(PointFilter *filter, const Point *point, GLogLevelFlags *ret_level);

#endif /* XDPSHARK_POINT_FILTER_H */
