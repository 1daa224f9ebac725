/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv4 netmask of a point's device, which libpcap wants for `ip broadcast`.
 */
#ifndef XDPSHARK_NETMASK_H
#define XDPSHARK_NETMASK_H

#include <glib.h>

#include "point.h"

/* In network byte order, of the first address of the point's first device with one in our own
 * network namespace; FILTER_NETMASK_UNKNOWN if there is none. */
guint32 netmask_of_point(const Point *point);

#endif /* XDPSHARK_NETMASK_H */
