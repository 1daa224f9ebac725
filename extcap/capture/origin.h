/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where packets come from: devices as the kernel names them in the rings (struct xdpshark_device),
 * or where it cannot, as far as their index tells.
 */
#ifndef XDPSHARK_ORIGIN_H
#define XDPSHARK_ORIGIN_H

#include <glib.h>

#include "link_type.h"
#include "point.h"
#include "record.h"

/* Equal ones are one: pointers can be compared. */
typedef struct {
	gboolean told; /* by the kernel; else nothing but ifindex is known */
	char name[sizeof(((struct xdpshark_device *)NULL)->name) + 1];
	guint32 ifindex;
	guint64 namespace; /* cookie */
	guint16 hardware_type;
} Origin;

/* Those of one session. */
typedef struct Origins Origins;
Origins *origins_new(void);
void origins_free(Origins *origins);

/* Takes in a record of XDPSHARK_KIND_DEVICE: what the CPU's number stands for from now on. */
void origins_learn(Origins *origins, guint16 cpu, guint8 number,
		   const struct xdpshark_device *device);

/* Where a packet comes from. */
const Origin *origins_find(Origins *origins, guint16 cpu, guint8 number, guint32 ifindex);

/* TRUE when so many devices have come and gone that it is time for origins_forget(). That frees
 * those that no packet can come from any more. */
gboolean origins_are_many(const Origins *origins);
void origins_forget(Origins *origins);

/* What is certain of an origin. Strings are the point's and the origin's. */
typedef struct {
	const char *name;	      /* NULL: unknown */
	const PointDevice *device;    /* NULL: the point has no such device, or several */
	const PointDevice *neighbour; /* a device of the same namespace, or NULL */
	const PointProgram *program;  /* NULL: unknown, or one of several */
	LinkType link;		      /* LINK_OTHER: unknown */
} OriginFacts;

void origin_describe(const Origin *origin, const Point *point, OriginFacts *ret_facts);

#endif /* XDPSHARK_ORIGIN_H */
