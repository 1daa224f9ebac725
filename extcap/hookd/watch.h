/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches the hook of a running capture: where its pin leads now, and which programs and devices
 * use it. Cheap enough to do once a second. Changes nothing.
 */
#ifndef XDPSHARK_WATCH_H
#define XDPSHARK_WATCH_H

#include <glib.h>

#include "point.h"
#include "session_call.h"

typedef struct Watch Watch;

/* The hook is the map with map_id, which was pinned at path. */
Watch *watch_new(const char *path, guint32 map_id);
void watch_free(Watch *watch);

/* Looks at the pin. *ret_remark says what is there if it is PIN_FOREIGN or PIN_UNUSED. *ret_hook
 * describes the other hook if it is PIN_REPLACED and that one was not reported yet. Otherwise they
 * are NULL. Both are owned by the caller. */
PinState watch_pin(Watch *watch, Point **ret_hook, char **ret_remark);

/* Describes the hook (map_fd) with its users, if these may have changed since the last call;
 * otherwise NULL. Programs that were loaded or have ended are noticed at once. What they are
 * attached to is only looked up about once a second, and less often where that takes long. */
Point *watch_users(Watch *watch, int map_fd);

/* Makes watch_users() describe the hook as soon as possible. */
void watch_expect(Watch *watch);

#endif /* XDPSHARK_WATCH_H */
