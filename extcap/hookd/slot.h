/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture does with a hook's slots: puts its programs in behind those of other captures,
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
	SLOT_ERROR_STALE, /* we stood still and lost the lock */
} SlotError;

/* The hook of a capture. */
typedef struct {
	int fd;
	guint32 map_id;
	const char *path;
	gboolean share_foreign; /* go before programs that are not xdpshark's */
} SlotHook;

/* Fails if a slot of the actions (bit 1 << action) cannot be shared: it holds a program that is not
 * xdpshark's and share_foreign is not set, its chain is as long as the kernel allows, or it cannot
 * be read. Removes what dead captures have left. */
gboolean slot_claim(const SlotHook *hook, guint actions, GError **error);

/* Puts the programs of the set, which must not be in any slot, into their slots: all, or none with
 * error. Appends descriptors (int) to held that must stay open while the programs are there. */
gboolean slot_fill(const SlotHook *hook, const ProgramSet *set, GArray *held, GError **error);

/* Puts the programs of a set (see program_set_load_again()) where those of the old one are, takes
 * out those for which it has none, and puts in those for which the old one has none: all, or with
 * error none. One that is not in its slot at the moment is left to slot_mend(). */
gboolean slot_exchange(const SlotHook *hook, const ProgramSet *old, const ProgramSet *set,
		       GArray *held, GError **error);

/* Where the program for an action was found. */
typedef struct {
	SlotState state;
	guint32 program_id;    /* if it is overwritten, the program that is there instead */
	char program_name[16]; /* "" if unknown */
	int reason;	       /* errno if it is unreadable or could not be put back */
	gboolean returned;     /* it was put back */
} SlotReport;

/* Call it now and then: removes what dead captures have left in the slots, closes the descriptors
 * kept for captures that have left the chain, and puts programs of the set back that were lost,
 * because the slot was emptied or now holds other captures without ours. ret_reports: what was
 * found before that, by action. */
void slot_mend(const SlotHook *hook, const ProgramSet *set, GArray *held,
	       SlotReport ret_reports[XDPSHARK_ACTIONS]);

/* Takes the programs of the set out of their slots, wherever they are in the chain. A slot that
 * somebody has overwritten is left alone. Returns the actions whose slots may still hold our
 * program: 0 if all went well. */
guint slot_release(const SlotHook *hook, const ProgramSet *set);

/* TRUE if nobody can change the slots any more: programs in them stay as long as the map does. */
gboolean slot_is_frozen(const SlotHook *hook);

/* Reports where the programs are, by action, without changing anything. */
void slot_report(const SlotHook *hook, const ProgramSet *set,
		 SlotReport ret_reports[XDPSHARK_ACTIONS]);

#endif /* XDPSHARK_SLOT_H */
