/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a capture may be in the slots of its hook. A program that is loaded later may use the
 * array as a jump table.
 */
#ifndef XDPSHARK_GUARD_H
#define XDPSHARK_GUARD_H

#include <glib.h>

typedef struct Guard Guard;

/* unproven: also where it cannot be told; see hook_proof_check(). path is for messages. */
Guard *guard_new(const char *path, guint32 map_id, gboolean unproven);
void guard_free(Guard *guard);

/* Whether the capture may be there now. */
gboolean guard_check(Guard *guard, GError **error);

/* The same, if programs have been loaded since the last call that name the map; costs a system call
 * if there are none. */
gboolean guard_check_newer(Guard *guard, GError **error);

#endif /* XDPSHARK_GUARD_H */
