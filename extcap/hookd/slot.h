/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots of a hook: taking them for a capture and giving them back.
 *
 * Several captures share a slot: each one's program goes on to the one that was there before it,
 * through a program array of its own, so that the slot holds the front of a chain. A capture may
 * leave from any place in it. Nobody else's program is ever removed, but for those that a dead
 * xdpshark left.
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

/* Fails if a slot of the actions (bit 1 << action) cannot be shared: it holds a program that is not
 * xdpshark's, and share_foreign is not set, or the chain is as long as the kernel allows. Removes
 * what dead captures left. */
gboolean slot_claim(int hook_fd, const char *path, guint actions, gboolean share_foreign,
		    GError **error);

/* Writes into the control map whose capture this is, for slot_claim() of others. */
gboolean slot_sign(int control_fd, GError **error);

/* Puts the programs of the set into their slots, behind those of other captures: all, or none and
 * error. Appends to held (int) descriptors that must stay open as long as the programs are there.
 */
gboolean slot_fill(int hook_fd, const char *path, const ProgramSet *set, gboolean share_foreign,
		   GArray *held, GError **error);

/* Removes what dead captures left in the slots, lets go of what is held of those that have left,
 * and puts the programs of the set back where one of them cut them off: the kernel empties the
 * program array of a killed capture some time after its death, maybe just after we came behind it.
 * To be called now and then. */
void slot_mend(int hook_fd, const char *path, const ProgramSet *set, GArray *held);

/* Takes the programs of the set out of their slots, wherever they are in the chain. Where somebody
 * who does not share has replaced the chain, nothing is changed. */
void slot_release(int hook_fd, const char *path, const ProgramSet *set);

#endif /* XDPSHARK_SLOT_H */
