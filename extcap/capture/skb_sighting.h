/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet at one of the kernel's own places: what is to be said of it.
 */
#ifndef XDPSHARK_SKB_SIGHTING_H
#define XDPSHARK_SKB_SIGHTING_H

#include "names.h"
#include "ring.h"

typedef struct {
	const char *point;     /* NULL for that of the session */
	guint16 place;	       /* its number; 0 likewise */
	const char *reason;    /* NULL: the kernel says none; or `number` */
	const char *namespace; /* NULL: our own, or unknown */
	char number[16];       /* of a reason that has no name */
	gboolean cut;	       /* only a first part is there */
	gboolean queueless;    /* the queue is not known */
	char *words;	       /* of the comment, besides: to be freed */
} SkbSighting;

/* FALSE: the record is not of that kind. */
gboolean skb_sighting_look(Names *names, const RingPacket *packet, SkbSighting *ret_sighting);

#endif /* XDPSHARK_SKB_SIGHTING_H */
