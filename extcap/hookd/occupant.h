/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a program in a slot belongs to, and whether its capture still lives.
 */
#ifndef XDPSHARK_OCCUPANT_H
#define XDPSHARK_OCCUPANT_H

#include <glib.h>

#include "record.h"

typedef struct {
	guint32 id;    /* of the program */
	char name[16]; /* of the program, "" if unknown */
	gboolean ours; /* it is a capture program of xdpshark: then the rest is filled */
	gboolean dead; /* its capture has ended without taking it away */
	guint32 pid;   /* of its capture */
	int next_fd;   /* the program array with what comes after it; -1 for others */
	guint32 next;  /* id of the program there for the action, 0 for none */
} Occupant;

/* Looks at a program for the slot of an action. To be cleared by occupant_clear(). */
void occupant_read(Occupant *occupant, guint32 id, guint32 action);
void occupant_clear(Occupant *occupant);

/* Whose capture we are, for a control map. */
void occupant_describe_self(struct xdpshark_control *control);

#endif /* XDPSHARK_OCCUPANT_H */
