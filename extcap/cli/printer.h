/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints packets as they come, a line each, what was done with them in front: a process without
 * privileges that reads pcapng from a pipe, and may be held up by the terminal for as long as that
 * likes. What a packet is says tshark, where it is installed.
 */
#ifndef XDPSHARK_PRINTER_H
#define XDPSHARK_PRINTER_H

#include <glib.h>

#include "privilege.h"

typedef struct {
	const char *letters;	 /* tcpdump's options as typed, each letter as often as it was */
	const GPtrArray *handed; /* char *, further words for tshark */
	gboolean interfaces;	 /* name them: there are several */
	gboolean color;
} PrintStyle;

typedef struct Printer Printer;

/* Starts it as that account; *ret_fd is the pipe to write to, the caller's. No other thread may
 * have been started. */
Printer *printer_start(const PrintStyle *style, const PrivilegeAccount *account, int *ret_fd,
		       GError **error);

/* After the pipe was closed: with wait, until all is printed, unless that takes too long. */
void printer_finish(Printer *printer, gboolean wait);

#endif /* XDPSHARK_PRINTER_H */
