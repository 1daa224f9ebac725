/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How hooks are named in Wireshark's interface list: "xdp:" and the path of the pin.
 */
#ifndef XDPSHARK_INTERFACE_H
#define XDPSHARK_INTERFACE_H

#include <glib.h>

/* The interface that stands for all hooks where they may not be read. */
#define INTERFACE_NO_PERMISSION "xdp:"

/* The values of hooks with these paths, sorted; the result is as long, to be freed by g_strfreev().
 * Wireshark keeps preferences under the value with all but letters and digits made '_', in lower
 * case: where two values would become the same, the later ones get a suffix that depends on their
 * path alone. */
GStrv interface_values(const char *const *paths);

/* The path of a value, or NULL if it is none. To be freed by g_free(). */
char *interface_path(const char *value);

#endif /* XDPSHARK_INTERFACE_H */
