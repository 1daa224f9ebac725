/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs on devices as points: "eth0" is whatever XDP program is on eth0 now, "blue:eth0" the
 * same in the network namespace /run/netns/blue, and "eth0/fw" the component fw of it: a program
 * that has taken the place of one of its functions, as behind libxdp's dispatcher. Those in devmaps
 * and cpumaps are among them (xdp_held.h).
 */
#ifndef XDPSHARK_XDP_ATTACHED_H
#define XDPSHARK_XDP_ATTACHED_H

#include "point.h"

/* Of all devices in our own network namespace and in those that have a name: Point *. Components
 * follow the program that they are in, and those in maps come last. *ret_nameless, unless
 * ret_nameless is NULL, gets the programs on devices elsewhere, and those beside the first one on
 * a device, which have no address (""). */
GPtrArray *xdp_attached_list(GPtrArray **ret_nameless);

/* The points at these addresses, in their order: Point *. */
GPtrArray *xdp_attached_describe(const char *const *addresses, GError **error);

/* What to capture instead of the program on the device with this address: "xdp-prog:eth0/fw, ...".
 * NULL if it has no components. */
char *xdp_attached_components(const char *address);

/* Finds out, for the programs among the points, which of the hooks they lead to, and whether they
 * have other arrays to tail-call from. */
void xdp_attached_relate(const GPtrArray *points, const GPtrArray *hooks);

#endif /* XDPSHARK_XDP_ATTACHED_H */
