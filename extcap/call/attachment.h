/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a capture's programs are in their slots, and if not, since when: what xdpshark-hookd has
 * seen of that, for the user.
 */
#ifndef XDPSHARK_ATTACHMENT_H
#define XDPSHARK_ATTACHMENT_H

#include <glib.h>

#include "record.h"

/* Where the program for an action is. */
typedef enum {
	SLOT_UNUSED,	  /* no program for this action */
	SLOT_CAPTURED,	  /* in its slot, alone or with those of other captures */
	SLOT_EMPTY,	  /* the slot is empty */
	SLOT_OVERWRITTEN, /* the slot holds a program that is not xdpshark's, and ours does not come
			     before it */
	SLOT_CUT_OFF,	  /* the slot holds other captures' programs, but not ours */
	SLOT_UNREADABLE,  /* the slot cannot be read */
	SLOT_LEFT,	  /* the capture has left its hook and is in no other one yet */
	SLOT_STATES,
} SlotState;

/* The absence of one action's program. An absence counts from when the program was last seen in its
 * slot, so it may really have been a little shorter, but never longer. All times are monotonic, in
 * ns. */
typedef struct {
	SlotState state;       /* now; all members zero: never absent */
	SlotState cause;       /* what was found in the last absence */
	guint32 program_id;    /* if it was overwritten, the program that is there instead */
	char program_name[16]; /* "" if unknown */
	guint32 reason; /* errno if reading the slot or putting the program back has failed; 0:
			   neither */
	guint32 times;	/* number of absences */
	guint64 since;	/* when the last absence began */
	guint64 until;	/* when it ended; 0: it lasts */
	guint64 total;	/* all absences together until now, in ns */
} Absence;

typedef struct {
	gboolean frozen; /* the hook's map is frozen: nobody can change its slots any more */
	guint32 left; /* actions (bit 1 << action) whose slots still hold our programs after the end
		       */
	Absence absences[XDPSHARK_ACTIONS];
} Attachment;

/* frozen, left, and each action that was absent with the members of Absence in their order */
#define ATTACHMENT_VARIANT_TYPE "(bua(uuuusuuttt))"

/* Returns a floating reference. */
GVariant *attachment_to_variant(const Attachment *attachment);

/* Entries with an unknown state or action are left out. */
void attachment_from_variant(GVariant *variant, Attachment *ret_attachment);

#endif /* XDPSHARK_ATTACHMENT_H */
