/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of the hook of a running capture: where its pin leads now, and which programs and
 * devices use it. Cheap enough for once a second. Only reads; changes nothing.
 */
#ifndef XDPSHARK_WATCH_H
#define XDPSHARK_WATCH_H

#include <glib.h>

#include "point.h"
#include "session_call.h"

typedef struct Watch Watch;

/* The hook is that with map_id, and was pinned at path. */
Watch *watch_new(const char *path, guint32 map_id);
void watch_free(Watch *watch);

/* Looks at the pin. With PIN_FOREIGN and PIN_UNUSED *ret_remark says what is there; with
 * PIN_REPLACED, if that hook was not told of since the pin led to ours, *ret_hook is its
 * description. Else both become NULL; they are the caller's. */
PinState watch_pin(Watch *watch, Point **ret_hook, char **ret_remark);

/* The hook (map_fd) with its users, if they may be others than at the last call; NULL if not. To be
 * freed. New and ended programs are seen at once; what they are attached to at every third call at
 * best, and seldomer where it takes long to find out. */
Point *watch_users(Watch *watch, int map_fd);

/* Makes watch_users() tell as soon as it may. */
void watch_expect(Watch *watch);

#endif /* XDPSHARK_WATCH_H */
