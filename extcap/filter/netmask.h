/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv4 netmask of a hook's device, which libpcap wants for `ip broadcast`.
 */
#ifndef XDPSHARK_NETMASK_H
#define XDPSHARK_NETMASK_H

#include <glib.h>

#include "hook.h"

/* In network byte order, of the first address of the hook's first device with one in our own
 * network namespace; FILTER_NETMASK_UNKNOWN if there is none. */
guint32 netmask_of_hook(const Hook *hook);

#endif /* XDPSHARK_NETMASK_H */
