/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A descriptor that polls as writable while something else has room: for a main loop that waits for
 * a thread.
 */
#ifndef XDPSHARK_GATE_H
#define XDPSHARK_GATE_H

#include <glib.h>

typedef struct {
	int fd;	 /* to be polled; -1: could not be created */
	int far; /* its other end, if it has one */
	gboolean full;
} Gate;

void gate_open(Gate *ret_gate);
void gate_close(Gate *gate);

void gate_set_full(Gate *gate, gboolean full);

#endif /* XDPSHARK_GATE_H */
