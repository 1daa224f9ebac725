/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program in a slot: whose it is, whether its capture is alive, and what comes after it.
 */
#ifndef XDPSHARK_OCCUPANT_H
#define XDPSHARK_OCCUPANT_H

#include <glib.h>

typedef enum {
	OCCUPANT_FOREIGN,    /* not xdpshark's */
	OCCUPANT_ALIVE,	     /* a capture's */
	OCCUPANT_DEAD,	     /* of a capture that is proven to have ended without removing it */
	OCCUPANT_UNREADABLE, /* it is not known whose it is */
} OccupantState;

typedef struct {
	guint32 id;    /* of the program */
	char name[16]; /* of the program, "" if unknown */
	OccupantState state;
	int reason; /* errno if it is unreadable */
	/* only for programs of captures */
	guint32 pid;  /* of its xdpshark-hookd, in the latter's pid namespace */
	guint32 uid;  /* the user who captures */
	int next_fd;  /* the program array for what comes after it; -1 for others */
	guint32 next; /* id of the next program for the action; 0: none */
} Occupant;

/* Looks at a program in the slot of an action. Clear *ret_occupant with occupant_clear(). */
void occupant_read(Occupant *ret_occupant, guint32 id, guint32 action);
void occupant_clear(Occupant *occupant);

/* Whether it is a capture's, alive or dead. */
gboolean occupant_is_ours(const Occupant *occupant);

/* Reads the id of the program at an index of a program array, 0 for none. Returns 0 or a negative
 * errno. */
int occupant_find(int map_fd, guint32 index, guint32 *ret_id);

#endif /* XDPSHARK_OCCUPANT_H */
