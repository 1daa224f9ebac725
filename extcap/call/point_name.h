/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which hook is meant by what Wireshark or a person calls it.
 */
#ifndef XDPSHARK_POINT_NAME_H
#define XDPSHARK_POINT_NAME_H

#include <glib.h>

/* The path of the pin: of an interface value (interface.h), or the name itself if it is a path. An
 * interface that is none is an error, never another hook. To be freed by g_free(). */
char *point_name_resolve(const char *name, GError **error);

/* The same, and people may also give the last part of the path, or a device that leads to the hook,
 * one of our own network namespace first: if only one hook is meant. */
char *point_name_find(const char *name, GError **error);

#endif /* XDPSHARK_POINT_NAME_H */
