/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface values: what points are called in Wireshark, SCHEME:ADDRESS. The only place that makes
 * and reads them.
 */
#ifndef XDPSHARK_INTERFACE_H
#define XDPSHARK_INTERFACE_H

#include <glib.h>

#include "source_type.h"

/* Wireshark names FIFOs by the value: with what it adds for a toolbar's they are no longer than a
 * file's name may be. */
#define INTERFACE_LENGTH_MAX 220

/* The interface that stands for all points where there is none, or none may be seen. To be freed.
 */
char *interface_none(void);

/* The values of points of that type with these addresses, sorted; the result is as long, to be
 * freed by g_strfreev(). What Wireshark has no letters for is %XX in them. Wireshark keeps
 * preferences under the value with all but letters and digits made '_', in lower case: where two
 * values would become the same, the later ones get a suffix, '~' and a hash of their address. What
 * is too long is cut, and gets one too. */
GStrv interface_values(const SourceType *type, const char *const *addresses);

/* The same for Point *, of whatever types. */
GStrv interface_values_of(const GPtrArray *points);

/* The type of what looks like the value of a point, be it right or wrong; or NULL. */
const SourceType *interface_type(const char *text);

/* The address of a value. NULL if the value is none, with a suffix or an escape that no address
 * gives; or if it was cut, and so none of the addresses, which are of points of its type, is its
 * own. They may be NULL. To be freed by g_free(). */
char *interface_address(const char *value, const char *const *addresses);

/* Whether the value is one that was cut: only addresses tell whose it is. */
gboolean interface_is_cut(const char *value);

#endif /* XDPSHARK_INTERFACE_H */
