/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program in a slot: whose it is, whether its capture still lives, and what comes after it.
 */
#ifndef XDPSHARK_OCCUPANT_H
#define XDPSHARK_OCCUPANT_H

#include <glib.h>

typedef enum {
	OCCUPANT_FOREIGN,    /* not xdpshark's */
	OCCUPANT_ALIVE,	     /* a capture's */
	OCCUPANT_DEAD,	     /* of a capture that has ended without taking it away: proven */
	OCCUPANT_UNREADABLE, /* whose it is cannot be found out */
} OccupantState;

typedef struct {
	guint32 id;    /* of the program */
	char name[16]; /* of the program, "" if unknown */
	OccupantState state;
	int reason; /* errno, if it is unreadable */
	/* of a capture's */
	guint32 pid;  /* of its xdpshark-hookd, as that one sees it */
	guint32 uid;  /* who captures */
	int next_fd;  /* the program array with what comes after it; -1 for others */
	guint32 next; /* id of the program there for the action, 0 for none */
} Occupant;

/* Looks at a program for the slot of an action. To be cleared by occupant_clear(). */
void occupant_read(Occupant *ret_occupant, guint32 id, guint32 action);
void occupant_clear(Occupant *occupant);

/* Of a capture, living or dead. */
gboolean occupant_is_ours(const Occupant *occupant);

/* The id of the program at an index of a program array, 0 for none. Returns 0 or a negative errno.
 */
int occupant_find(int map_fd, guint32 index, guint32 *ret_id);

#endif /* XDPSHARK_OCCUPANT_H */
