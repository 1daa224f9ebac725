/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points as JSON.
 */
#ifndef XDPSHARK_POINT_JSON_H
#define XDPSHARK_POINT_JSON_H

#include "json.h"
#include "point.h"

/* Adds an object. For a program without a hook, source, address, path, name, interface and map_id
 * are null and there are no slots; for points other than hooks, path and map_id are null. */
void point_json_add(JsonBuilder *builder, const Point *point, const char *interface);

#endif /* XDPSHARK_POINT_JSON_H */
