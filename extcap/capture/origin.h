/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where packets come from: devices as the kernel describes them in the rings (struct
 * xdpshark_device) or, where it cannot, what their index allows to conclude.
 */
#ifndef XDPSHARK_ORIGIN_H
#define XDPSHARK_ORIGIN_H

#include <glib.h>

#include "link_type.h"
#include "point.h"
#include "record.h"

/* There is only one of each, so pointers can be compared. */
typedef struct {
	gboolean described; /* described by the kernel; if FALSE, only ifindex is known */
	char name[sizeof(((struct xdpshark_device *)NULL)->name) + 1];
	guint32 ifindex;
	guint64 namespace; /* cookie */
	guint16 hardware_type;
} Origin;

/* All origins of one session. */
typedef struct Origins Origins;
Origins *origins_new(void);
void origins_free(Origins *origins);

/* Handles a record of XDPSHARK_KIND_DEVICE: which device the CPU's number stands for from now
 * on. */
void origins_learn(Origins *origins, guint16 cpu, guint8 number,
		   const struct xdpshark_device *device);

/* Finds where a packet comes from. */
const Origin *origins_find(Origins *origins, guint16 cpu, guint8 number, guint32 ifindex);

/* TRUE when many devices have come and gone: time for origins_forget(), which frees those that no
 * packet can come from any more. */
gboolean origins_are_many(const Origins *origins);
void origins_forget(Origins *origins);

/* What is known for certain about an origin. Strings are owned by the point and the origin. */
typedef struct {
	const char *name;	      /* NULL: unknown */
	const PointDevice *device;    /* NULL: the point has no such device, or several */
	const PointDevice *neighbour; /* a device of the same namespace, or NULL */
	const PointProgram *program;  /* NULL: unknown, or one of several */
	LinkType link;		      /* LINK_OTHER: unknown */
} OriginFacts;

void origin_describe(const Origin *origin, const Point *point, OriginFacts *ret_facts);

#endif /* XDPSHARK_ORIGIN_H */
