/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The toolbar in Wireshark's window: with it a user changes a capture while that runs, and sees
 * what it does.
 */
#ifndef XDPSHARK_TOOLBAR_H
#define XDPSHARK_TOOLBAR_H

#include <glib.h>

#include "capture.h"
#include "pipes.h"

/* Prints the sentences that describe the toolbar, for --extcap-interfaces. */
void toolbar_print_controls(void);

/* The toolbar of a capture, which must outlive it. NULL if Wireshark shows none, or if
 * it cannot be changed: then the controls are grey. */
typedef struct Toolbar Toolbar;
Toolbar *toolbar_new(const Pipes *pipes, Capture *capture);
void toolbar_free(Toolbar *toolbar);

#endif /* XDPSHARK_TOOLBAR_H */
