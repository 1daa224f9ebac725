/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs on devices as points: "eth0" is whatever XDP program is on eth0 now, "blue:eth0" the
 * same in the network namespace /run/netns/blue.
 */
#ifndef XDPSHARK_XDP_ATTACHED_H
#define XDPSHARK_XDP_ATTACHED_H

#include "point.h"

/* Of all devices in our own network namespace and in those that have a name: Point *. */
GPtrArray *xdp_attached_list(void);

/* The points at these addresses, in their order: Point *. */
GPtrArray *xdp_attached_describe(const char *const *addresses, GError **error);

#endif /* XDPSHARK_XDP_ATTACHED_H */
