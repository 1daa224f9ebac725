/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FIFOs that Wireshark waits at when it starts a capture. They are opened before all that can
 * fail, reading the options included: dumpcap's open() waits for ours, with no limit, and so does
 * that of Wireshark's window for a toolbar's.
 */
#ifndef XDPSHARK_PIPES_H
#define XDPSHARK_PIPES_H

#include <glib.h>

#include "output.h"

typedef struct {
	Output *output; /* --fifo; NULL if none was given */
	int control;	/* --extcap-control-in, or -1 */
} Pipes;

/* Whether the arguments ask for a capture, whatever else is wrong with them. */
gboolean pipes_are_awaited(int argc, char **argv);

/* Opens those that the arguments name. Waits for the other side, as long as that takes. FALSE if
 * --fifo is given and cannot be opened. pipes is to be closed in any case. */
gboolean pipes_open(Pipes *pipes, int argc, char **argv, GError **error);

/* failed: the capture has not come about. Then Wireshark gets time to come to its open(). */
void pipes_close(Pipes *pipes, gboolean failed);

#endif /* XDPSHARK_PIPES_H */
