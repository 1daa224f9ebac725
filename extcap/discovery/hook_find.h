/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds hooks and who uses them. Only reads; changes nothing.
 */
#ifndef XDPSHARK_HOOK_FIND_H
#define XDPSHARK_HOOK_FIND_H

#include "point.h"

/* All hooks of all bpffs mounts, by path: Point *. Objects that are no hooks are passed over; those
 * that may be one have a doubt. An
 * error only if nothing can be read at all. */
GPtrArray *hook_list(GError **error);

/* The same, and what XDP programs on devices lead to none of them: a Point for each that is
 * attached, with its devices, without path and name (""), map or slots. */
GPtrArray *hook_survey(GPtrArray **ret_hookless, GError **error);

/* The path of the pin that path leads to, over links of root in the same bpffs; itself if there are
 * none. To be freed by g_free(). */
char *hook_resolve(const char *path, GError **error);

/* The hook pinned at path, which leads over no link. The error says what is pinned there instead
 * and what to do. */
Point *hook_open(const char *path, GError **error);

/* The hooks that the paths lead to, over links of root too, in their order: Point *. Programs and
 * devices are walked through once for all of them. */
GPtrArray *hook_open_all(const char *const *paths, GError **error);

/* The hook behind an open map, wherever that is pinned now; path is what it is called. */
Point *hook_describe(int map_fd, const char *path, GError **error);

/* Opens the pinned map itself, for reading and writing, and checks that it is a hook, or may be
 * one. Returns a file descriptor, or -1 with error. */
int hook_open_map(const char *path, GError **error);

/* The same, if the map's id is the one given: what is pinned may be replaced at any time. Unless
 * unproven, one that only may be a hook is refused (hook_proof.h); and one that no program can be
 * put into any more. */
int hook_open_map_of(const char *path, guint32 map_id, gboolean unproven, GError **error);

#endif /* XDPSHARK_HOOK_FIND_H */
