/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The actions of XDP programs.
 */
#ifndef XDPSHARK_ACTION_H
#define XDPSHARK_ACTION_H

#include <glib.h>

/* "ABORTED" to "REDIRECT" for the values of enum xdp_action, NULL for others. */
const char *action_name(guint action);

#endif /* XDPSHARK_ACTION_H */
