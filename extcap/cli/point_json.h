/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points as JSON.
 */
#ifndef XDPSHARK_POINT_JSON_H
#define XDPSHARK_POINT_JSON_H

#include "json.h"
#include "point.h"

/* Adds an object. A program without a hook has null for source, address, path, name, interface and
 * map_id, and no slots; so have points that are no hooks for path and map_id. */
void point_json_add(JsonBuilder *builder, const Point *point, const char *interface);

#endif /* XDPSHARK_POINT_JSON_H */
