/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots of a hook: who is in them, taking them for a capture and giving them back. Nobody
 * else's program is ever removed, but for those that a dead xdpshark left.
 */
#ifndef XDPSHARK_SLOT_H
#define XDPSHARK_SLOT_H

#include <glib.h>

#include "program.h"

#define SLOT_ERROR (slot_error_quark())
GQuark slot_error_quark(void);
typedef enum {
	SLOT_ERROR_TAKEN,
	SLOT_ERROR_FAILED,
} SlotError;

/* Fails if a slot of the actions (bit 1 << action) holds a program. Empties, before, those whose
 * program a dead xdpshark left. */
gboolean slot_claim(int hook_fd, const char *path, guint actions, GError **error);

/* Writes into the control map whose capture this is, for slot_claim() of others. */
gboolean slot_sign(int control_fd, GError **error);

/* Puts the programs of the set into their slots: all, or none and error. */
gboolean slot_fill(int hook_fd, const char *path, const ProgramSet *set, GError **error);

/* Empties those slots that hold programs of the set. What somebody else put there meanwhile stays,
 * and is named in a warning. */
void slot_release(int hook_fd, const char *path, const ProgramSet *set);

#endif /* XDPSHARK_SLOT_H */
