/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts as a table for people: a row for each action of each point.
 */
#ifndef XDPSHARK_TABLE_H
#define XDPSHARK_TABLE_H

#include <glib.h>

#include "tally.h"

typedef enum {
	TABLE_BY_POINT, /* in the order in which they were named, then by action */
	TABLE_BY_PACKETS,
	TABLE_BY_BYTES,
	TABLE_BY_NAME,
} TableOrder;

typedef struct {
	TableOrder order;
	guint width;	/* of the terminal: columns are left out that do not fit; 0: no limit */
	guint rows;	/* at most, the heading included; 0: no limit */
	gboolean time;	/* in the first column */
	gboolean human; /* numbers with k, M and G */
	gboolean color; /* of actions */
} TableStyle;

/* Lines (char *) that are safe for a terminal, the heading first. */
GPtrArray *table_format(const Tally *tally, const TableStyle *style);

/* "1234" or "12.3k". Free with g_free(). */
char *table_number(gdouble number, gboolean human);

/* "14:05:09", in local time. Free with g_free(). */
char *table_time(const Tally *tally);

#endif /* XDPSHARK_TABLE_H */
