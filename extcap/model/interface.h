/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface values, SCHEME:ADDRESS: the names that points have in Wireshark. They are made and
 * parsed nowhere else.
 */
#ifndef XDPSHARK_INTERFACE_H
#define XDPSHARK_INTERFACE_H

#include <glib.h>

#include "source_type.h"

/* Wireshark puts the value into the names of its FIFOs. With this limit and with what it adds for a
 * toolbar, they still fit into a file name. */
#define INTERFACE_LENGTH_MAX 220

/* The interface that is listed when there are no points, or none that this user may see. Free with
 * g_free(). */
char *interface_none(void);

/* The values for points of that type at these addresses, which must be sorted; one for each, free
 * with g_strfreev(). Bytes that Wireshark cannot handle are written as %XX. Wireshark stores
 * preferences under the value in lower case, with '_' for everything but letters and digits. Where
 * two values would collide, the later one gets a suffix: '~' and a hash of its address. A value
 * that is too long is cut and gets a suffix, too. */
GStrv interface_values(const SourceType *type, const char *const *addresses);

/* The same for Point *, which may be of different types. */
GStrv interface_values_of(const GPtrArray *points);

/* The type that a text names by its scheme, whether or not it is a valid value; or NULL. */
const SourceType *interface_type(const char *text);

/* The address of a value. NULL if the value is not valid: no address has that suffix or escape. A
 * value that was cut is looked up among addresses, which are those of all points of its type; NULL
 * if none of them matches, or if addresses is NULL. Free with g_free(). */
char *interface_address(const char *value, const char *const *addresses);

/* Whether the value was cut, so that its address can only be found among those that exist. */
gboolean interface_is_cut(const char *value);

#endif /* XDPSHARK_INTERFACE_H */
