/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as points where AF_XDP sockets send: "eth0", or "blue:eth0" in the network namespace
 * /run/netns/blue.
 */
#ifndef XDPSHARK_XSK_FIND_H
#define XDPSHARK_XSK_FIND_H

#include "point.h"

/* Those that have such sockets, or an XDP program with a map of them: Point *. */
GPtrArray *xsk_list(void);

/* The points at these addresses, in their order: Point *. Any device is one. */
GPtrArray *xsk_describe(const char *const *addresses, GError **error);

#endif /* XDPSHARK_XSK_FIND_H */
