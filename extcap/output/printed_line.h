/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of packets for people: what was done with the packet in front, in colour, and the time.
 */
#ifndef XDPSHARK_PRINTED_LINE_H
#define XDPSHARK_PRINTED_LINE_H

#include <glib.h>

typedef enum {
	PRINTED_TIME_OF_DAY,
	PRINTED_TIME_NONE,
	PRINTED_TIME_EPOCH,
	PRINTED_TIME_SINCE_LAST,
	PRINTED_TIME_DATE,
	PRINTED_TIME_SINCE_FIRST,
} PrintedTime;

/* Zero at first. */
typedef struct {
	guint64 first;
	guint64 last;
} PrintedClock;

/* Appends the time and a space; ns since 1970 UTC. */
void printed_time_append(GString *out, PrintedClock *clock, PrintedTime style, guint64 time);

/* Of a line that begins with a packet's comment: the verdict of that, padded, and what comes behind
 * the comment. Other lines stay as they are. All is tamed for a terminal. Free with g_free(). */
char *printed_line_dress(const char *line, gboolean color);

/* SGR parameters (ECMA-48, 8.3.117) of the verdict with this name, such as "31"; or NULL. */
const char *printed_verdict_color(const char *verdict);

#endif /* XDPSHARK_PRINTED_LINE_H */
