/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hook's slots as a capture uses them: it puts its programs in, behind those of other captures,
 * keeps them there, and takes them out.
 */
#ifndef XDPSHARK_SLOT_H
#define XDPSHARK_SLOT_H

#include <glib.h>

#include "attachment.h"
#include "program.h"

#define SLOT_ERROR (slot_error_quark())
GQuark slot_error_quark(void);
typedef enum {
	SLOT_ERROR_TAKEN,
	SLOT_ERROR_FAILED,
	SLOT_ERROR_STALE, /* we stood still, and others went on without us */
} SlotError;

/* The hook of a capture. */
typedef struct {
	int fd;
	guint32 map_id;
	const char *path;
	gboolean share_foreign; /* go before programs that are not xdpshark's */
} SlotHook;

/* Fails if a slot of the actions (bit 1 << action) cannot be shared: it holds a program that is not
 * xdpshark's, and share_foreign is not set; the chain is as long as the kernel allows; or it cannot
 * be read. Removes what dead captures left. */
gboolean slot_claim(const SlotHook *hook, guint actions, GError **error);

/* Puts the programs of the set, which are in no slot, into theirs: all, or none and error. Appends
 * to held (int) descriptors that must stay open as long as the programs are there. */
gboolean slot_fill(const SlotHook *hook, const ProgramSet *set, GArray *held, GError **error);

/* Where the program for an action was found. */
typedef struct {
	SlotState state;
	guint32 program_id;    /* if it is overwritten: by which */
	char program_name[16]; /* "" if unknown */
	int reason;	       /* errno, if it is unreadable or could not be put back */
	gboolean returned;     /* it was put back */
} SlotReport;

/* Removes what dead captures left in the slots, closes the descriptors held for captures that have
 * left them, and puts the programs of the set back where they have got lost: the slot was emptied,
 * or others' captures are in it without ours. To be called now and then. Fills reports, by action,
 * with what was found before. */
void slot_mend(const SlotHook *hook, const ProgramSet *set, GArray *held,
	       SlotReport ret_reports[XDPSHARK_ACTIONS]);

/* Takes the programs of the set out of their slots, wherever they are in the chain. Where somebody
 * who does not share has replaced the chain, nothing is changed. Returns the actions whose slot may
 * hold our program still: 0 if all is well. */
guint slot_release(const SlotHook *hook, const ProgramSet *set);

/* TRUE if nobody can change the slots any more: programs that are in them stay as long as the map
 * does. */
gboolean slot_is_frozen(const SlotHook *hook);

/* Fills reports, by action, without changing anything. */
void slot_report(const SlotHook *hook, const ProgramSet *set,
		 SlotReport ret_reports[XDPSHARK_ACTIONS]);

#endif /* XDPSHARK_SLOT_H */
