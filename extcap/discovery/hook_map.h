/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map behind a pin: opens it, and tells whether it is a hook. Only reads.
 */
#ifndef XDPSHARK_HOOK_MAP_H
#define XDPSHARK_HOOK_MAP_H

#include <glib.h>

#include "point.h"

typedef struct {
	int fd;
	guint32 id;
	guint32 slot_count;
	guint32 slots[HOOK_MAX_SLOTS]; /* program ids, 0 = empty */
} HookMap;

/* Gets the object from pin, which bpffs_open() or bpffs_walk() opened, and checks the very object
 * that it got. path is for messages. flags: BPF_F_RDONLY, or 0 for reading and writing. *ret_map
 * changes on success only; its fd is the caller's then. */
gboolean hook_map_open(int pin, const char *path, guint32 flags, HookMap *ret_map, GError **error);

/* The same for a map that is open; map->fd is fd, which stays the caller's. */
gboolean hook_map_read(int fd, const char *path, HookMap *ret_map, GError **error);

/* FALSE if the map is frozen: the system call puts nothing into it any more. */
gboolean hook_map_check_thawed(int fd, const char *path, GError **error);

/* TRUE if system calls cannot change the map any more, for good (BPF_MAP_FREEZE). */
gboolean hook_map_is_frozen(int fd);

/* Reports a failed system call; what: "read the slots". Returns FALSE. */
gboolean hook_map_set_error(GError **error, int code, const char *path, const char *what);

#endif /* XDPSHARK_HOOK_MAP_H */
