/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a capture's programs are in their slots, and since when they are not: what
 * xdpshark-hookd has seen of that, for the user.
 */
#ifndef XDPSHARK_ATTACHMENT_H
#define XDPSHARK_ATTACHMENT_H

#include <glib.h>

#include "record.h"

/* Where the program for an action is. */
typedef enum {
	SLOT_UNUSED,	  /* there is none for this action */
	SLOT_CAPTURED,	  /* in its slot: alone, or with others' */
	SLOT_EMPTY,	  /* the slot holds nothing */
	SLOT_OVERWRITTEN, /* the slot holds a program that is not xdpshark's, and ours does not come
			   * before it */
	SLOT_CUT_OFF,	  /* the slot holds other captures' programs, and not ours */
	SLOT_UNREADABLE,  /* it cannot be found out */
	SLOT_LEFT,	  /* the capture has left its hook, and is in no other one yet */
	SLOT_STATES,
} SlotState;

/* Of one action. The program was looked for now and then, so that times are when it was seen last:
 * it may have been absent a little shorter, never longer. All times are monotonic, in ns. */
typedef struct {
	SlotState state;       /* now; all zero: never absent */
	SlotState cause;       /* what was found in the last absence */
	guint32 program_id;    /* if it was overwritten: by which */
	char program_name[16]; /* "" if unknown */
	guint32 reason;	       /* errno of what failed: the look, or putting it back; 0: nothing */
	guint32 times;	       /* absences */
	guint64 since;	       /* the last absence */
	guint64 until;	       /* its end; 0: it lasts */
	guint64 total;	       /* ns of all of them, up to now */
} Absence;

typedef struct {
	gboolean frozen; /* the hook's map is: nobody can change its slots any more */
	guint32 left;	 /* actions (bit 1 << action) whose slots hold our programs after the end */
	Absence absences[XDPSHARK_ACTIONS];
} Attachment;

/* frozen, left, and each action that was absent with what Absence has, in its order */
#define ATTACHMENT_VARIANT_TYPE "(bua(uuuusuuttt))"

/* A floating reference. */
GVariant *attachment_to_variant(const Attachment *attachment);

/* Whatever the variant says: states are those above, and actions too. */
void attachment_from_variant(GVariant *variant, Attachment *ret_attachment);

#endif /* XDPSHARK_ATTACHMENT_H */
