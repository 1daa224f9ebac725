/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of this capture that come from another host, over standard input: see change_message.h.
 */
#ifndef XDPSHARK_CONTROL_H
#define XDPSHARK_CONTROL_H

#include <glib.h>

#include "changes.h"

/* Observes the changes, which must outlive it, and offers them on standard error. */
typedef struct Control Control;
Control *control_new(Changes *changes);
void control_free(Control *control);

/* Takes what has come. */
void control_take(Control *control, const char *bytes, gsize length);

#endif /* XDPSHARK_CONTROL_H */
