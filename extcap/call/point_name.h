/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which point is meant by what Wireshark or a person calls it.
 */
#ifndef XDPSHARK_POINT_NAME_H
#define XDPSHARK_POINT_NAME_H

#include <glib.h>

#include "broker.h"
#include "point.h"

/* Of an interface value (interface.h), or of a path, which is a hook's. An interface that is none
 * is an error, never another point. */
PointAddress *point_name_resolve(Broker *broker, const char *name, GError **error);

/* The same, and people may also give a point's name (of a hook, the last part of its path), or a
 * device that leads to it, one of our own network namespace first: if only one point is meant. */
PointAddress *point_name_find(Broker *broker, const char *name, GError **error);

#endif /* XDPSHARK_POINT_NAME_H */
