/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up what the process is allowed to do.
 */
#ifndef XDPSHARK_PRIVILEGE_H
#define XDPSHARK_PRIVILEGE_H

#include <glib.h>

/* Drops every capability for good, root's too, and the way to gain others by running programs.
 * FALSE if that is not possible. */
gboolean privilege_drop(GError **error);

#endif /* XDPSHARK_PRIVILEGE_H */
