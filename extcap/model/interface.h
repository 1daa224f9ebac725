/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface values: what hooks are called in Wireshark, "xdp:" and the path of the pin. The only
 * place that makes and reads them.
 */
#ifndef XDPSHARK_INTERFACE_H
#define XDPSHARK_INTERFACE_H

#include <glib.h>

/* The interface that stands for all hooks where there is none, or none may be seen. */
#define INTERFACE_NONE "xdp:"

/* Wireshark names FIFOs by the value: with what it adds for a toolbar's they are no longer than a
 * file's name may be. */
#define INTERFACE_LENGTH_MAX 220

/* The values of hooks with these paths, sorted; the result is as long, to be freed by g_strfreev().
 * What Wireshark has no letters for is %XX in them. Wireshark keeps preferences under the value
 * with all but letters and digits made '_', in lower case: where two values would become the same,
 * the later ones get a suffix, '~' and a hash of their path. What is too long is cut, and gets one
 * too. */
GStrv interface_values(const char *const *paths);

/* The same for Point *. */
GStrv interface_values_of(const GPtrArray *points);

/* Whether it looks like the value of a hook, be it right or wrong. */
gboolean interface_is_meant(const char *text);

/* The path of a value. NULL if the value is none, with a suffix or an escape that no path gives; or
 * if it was cut, and so none of the paths is its own. Paths may be NULL. To be freed by g_free().
 */
char *interface_path(const char *value, const char *const *paths);

/* Whether the value is one that was cut: only paths tell whose it is. */
gboolean interface_is_cut(const char *value);

#endif /* XDPSHARK_INTERFACE_H */
