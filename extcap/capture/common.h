/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the packets of an interface in the file have in common: the interface's description says it,
 * and the packets' comments leave it out.
 */
#ifndef XDPSHARK_COMMON_H
#define XDPSHARK_COMMON_H

#include <glib.h>

#include "comment.h"
#include "point.h"

typedef struct {
	char *program; /* or NULL */
	guint32 program_id;
	char *device;	 /* or NULL */
	char *namespace; /* or NULL */
} Common;

/* For the point's packets of that link type, as it is now. The Common before must be clear. */
void common_set(Common *common, const Point *point, LinkType link);
void common_clear(Common *common);

/* Whether the packet's comment says just that. */
gboolean common_matches(const Common *common, const Comment *comment);

/* The point's device of that link type, if there is only one; the point's. */
const PointDevice *common_device(const Point *point, LinkType link);

/* The device's network namespace, if its name alone is ambiguous: the point's devices are in
 * several namespaces, and this one is not ours. Otherwise NULL. Free with g_free(). */
char *common_format_namespace(const Point *point, const PointDevice *device);

#endif /* XDPSHARK_COMMON_H */
