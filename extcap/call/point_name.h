/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the point that Wireshark or a person means by a name.
 */
#ifndef XDPSHARK_POINT_NAME_H
#define XDPSHARK_POINT_NAME_H

#include <glib.h>

#include "broker.h"
#include "point.h"

/* Takes an interface value (interface.h), or the path of a hook. An unknown interface is an error,
 * never another point. */
PointAddress *point_name_resolve(Broker *broker, const char *name, GError **error);

/* Also takes a point's name (for a hook, the last part of its path) or a device that leads to it,
 * provided that only one point matches. Devices in our own network namespace come first. */
PointAddress *point_name_find(Broker *broker, const char *name, GError **error);

#endif /* XDPSHARK_POINT_NAME_H */
