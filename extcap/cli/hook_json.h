/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks as JSON.
 */
#ifndef XDPSHARK_HOOK_JSON_H
#define XDPSHARK_HOOK_JSON_H

#include "hook.h"
#include "json.h"

/* Adds an object. A program without a hook has null for path, name, interface and map_id, and no
 * slots. */
void hook_json_add(JsonBuilder *builder, const Hook *hook, const char *interface);

#endif /* XDPSHARK_HOOK_JSON_H */
