/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs of tc as points. "eth0" is all programs of a device, "eth0/ingress" and
 * "eth0/egress" those of one way, and "eth0/NAME" a single one, by the name of its function; of
 * several with the same name, the second one's address ends in "#2". The device of another network
 * namespace is "NAMESPACE:eth0".
 */
#ifndef XDPSHARK_TC_ATTACHED_H
#define XDPSHARK_TC_ATTACHED_H

#include "point.h"

/* Those of devices and, behind each, single programs: Point *. *ret_nameless, unless ret_nameless
 * is NULL, gets those in namespaces without a name. */
GPtrArray *tc_attached_list(GPtrArray **ret_nameless);

/* The points at these addresses, in the same order; NULL with error. */
GPtrArray *tc_attached_describe(const char *const *addresses, GError **error);

/* The single programs that an address stands for: Point *; NULL with error if there are none. */
GPtrArray *tc_attached_members(const char *address, GError **error);

/* Whether an address of such a point stands for this program, alone or among others. */
gboolean tc_attached_is_of(const Point *point, const char *address);

#endif /* XDPSHARK_TC_ATTACHED_H */
