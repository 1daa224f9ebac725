/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks whether a capture may be in the slots of its hook. A program that is loaded later may use
 * the array as a jump table.
 */
#ifndef XDPSHARK_GUARD_H
#define XDPSHARK_GUARD_H

#include <glib.h>

typedef struct Guard Guard;

/* unproven: also where that cannot be decided; see hook_proof_check(). path is for messages. */
Guard *guard_new(const char *path, guint32 map_id, gboolean unproven);
void guard_free(Guard *guard);

/* Whether the capture may be there now. */
gboolean guard_check(Guard *guard, GError **error);

/* The same, but only checks anew if programs that use the map were loaded since the last call.
 * Costs one system call if no program was. */
gboolean guard_check_newer(Guard *guard, GError **error);

#endif /* XDPSHARK_GUARD_H */
