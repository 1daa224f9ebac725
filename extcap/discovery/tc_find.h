/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs of tc on a device: those of filters at a clsact or ingress qdisc, of tcx (6.6) and
 * of netkit (6.7).
 */
#ifndef XDPSHARK_TC_FIND_H
#define XDPSHARK_TC_FIND_H

#include <glib.h>

typedef struct {
	guint32 id;
	const char *way;   /* how it is attached and for which packets: "tcx egress"; static */
	gboolean classify; /* it returns classes of packets, and no verdicts */
} TcProgram;

/* What is asked by, in the network namespace of the calling thread. */
typedef struct TcFinder TcFinder;

TcFinder *tc_finder_new(void);
void tc_finder_free(TcFinder *finder);

/* TcProgram, in the order in which they run; NULL if there are none. kind: that of the device. */
GArray *tc_find(TcFinder *finder, guint32 ifindex, const char *kind);

#endif /* XDPSHARK_TC_FIND_H */
