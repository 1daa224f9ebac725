/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv4 netmask of a point's device, which libpcap needs for `ip broadcast`.
 */
#ifndef XDPSHARK_NETMASK_H
#define XDPSHARK_NETMASK_H

#include <glib.h>

#include "point.h"

/* The netmask, in network byte order, of the first device of the point in our own network namespace
 * that has an address; FILTER_NETMASK_UNKNOWN if none has. */
guint32 netmask_of_point(const Point *point);

#endif /* XDPSHARK_NETMASK_H */
