// SPDX-License-Identifier: GPL-2.0-or-later
#include "netmask.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "filter.h"

static gboolean is_device_of(const Point *point, const char *name)
{
	for (guint i = 0; i < point->devices->len; i++) {
		const PointDevice *device = g_ptr_array_index(point->devices, i);

		if (device->own_namespace && strcmp(device->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

guint32 netmask_of_point(const Point *point)
{
	struct ifaddrs *addresses = NULL;
	guint32 netmask = FILTER_NETMASK_UNKNOWN;

	if (point->devices->len == 0 || getifaddrs(&addresses) < 0)
		return netmask;
	for (struct ifaddrs *at = addresses; at && netmask == FILTER_NETMASK_UNKNOWN;
	     at = at->ifa_next)
		if (at->ifa_netmask && at->ifa_netmask->sa_family == AF_INET &&
		    is_device_of(point, at->ifa_name))
			netmask = ((const struct sockaddr_in *)at->ifa_netmask)->sin_addr.s_addr;
	freeifaddrs(addresses);
	return netmask;
}
