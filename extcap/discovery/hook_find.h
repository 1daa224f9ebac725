/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds hooks and their users. Only reads; changes nothing.
 */
#ifndef XDPSHARK_HOOK_FIND_H
#define XDPSHARK_HOOK_FIND_H

#include "point.h"

/* All hooks of all bpffs mounts, by path: Point *. Objects that are not hooks are skipped; those
 * that may be one have a doubt. Fails only if nothing can be read at all. */
GPtrArray *hook_list(GError **error);

/* The path of the pin that path leads to, through links of root in the same bpffs; path itself if
 * there are none. Free with g_free(). */
char *hook_resolve(const char *path, GError **error);

/* The hook pinned at path, which must not contain links. The error says what is pinned there
 * instead and what to do. */
Point *hook_open(const char *path, GError **error);

/* The hooks that the paths lead to, also through links of root, in their order: Point *. Programs
 * and devices are searched once for all of them. */
GPtrArray *hook_open_all(const char *const *paths, GError **error);

/* The hook of an open map, wherever it is pinned now; path is what to call it. */
Point *hook_describe(int map_fd, const char *path, GError **error);

/* Opens the pinned map itself, for reading and writing, and checks that it is a hook, or may be
 * one. Returns a file descriptor, or -1 with error. */
int hook_open_map(const char *path, GError **error);

/* The same, but only if the map has the given id: a pin may be replaced at any time. Fails if
 * programs can no longer be put into the map, and unless unproven also if the map is only perhaps a
 * hook (hook_proof.h). */
int hook_open_map_of(const char *path, guint32 map_id, gboolean unproven, GError **error);

#endif /* XDPSHARK_HOOK_FIND_H */
