/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FIFOs at which Wireshark waits when it starts a capture. They are opened before anything that
 * can fail, even before the options are parsed: dumpcap's open() waits for ours without a limit,
 * and so does that of Wireshark's main window for a toolbar.
 */
#ifndef XDPSHARK_PIPES_H
#define XDPSHARK_PIPES_H

#include <glib.h>

#include "output.h"

typedef struct {
	Output *output; /* --fifo; NULL if none was given */
	int control;	/* --extcap-control-in, or -1 */
	int toolbar;	/* --extcap-control-out, or -1 */
} Pipes;

/* Whether the arguments ask for a capture, whatever else may be wrong with them. */
gboolean pipes_are_awaited(int argc, char **argv);

/* Opens those that the arguments name, and waits for the other side as long as that takes. FALSE if
 * --fifo is given and cannot be opened. pipes must be closed in any case. */
gboolean pipes_open(Pipes *ret_pipes, int argc, char **argv, GError **error);

/* failed: the capture could not start. Then Wireshark is given time to get to its open(). */
void pipes_close(Pipes *pipes, gboolean failed);

#endif /* XDPSHARK_PIPES_H */
