/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map behind a pin: opens it, and checks whether it is a hook. Only reads.
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

/* Gets the object from pin, a descriptor from bpffs_open() or bpffs_walk(), and checks this very
 * object. path is for messages. flags: BPF_F_RDONLY, or 0 for reading and writing. *ret_map is only
 * set on success; the caller then owns its fd. */
gboolean hook_map_open(int pin, const char *path, guint32 flags, HookMap *ret_map, GError **error);

/* The same for an open map; ret_map->fd is fd, which the caller keeps. */
gboolean hook_map_read(int fd, const char *path, HookMap *ret_map, GError **error);

/* FALSE with error if the map is frozen: nothing can be put into it any more. */
gboolean hook_map_check_thawed(int fd, const char *path, GError **error);

/* TRUE if system calls can never change the map again (BPF_MAP_FREEZE). */
gboolean hook_map_is_frozen(int fd);

/* Reports a failed system call; what is, say, "read the slots". Returns FALSE. */
gboolean hook_map_set_error(GError **error, int code, const char *path, const char *what);

#endif /* XDPSHARK_HOOK_MAP_H */
