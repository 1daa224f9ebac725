/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key of what frames are known by (bpf/frame_id.bpf.h): one for all captures until the machine
 * is started again, so that they speak of the same frame, and nobody else's to know.
 */
#ifndef XDPSHARK_FRAME_SALT_H
#define XDPSHARK_FRAME_SALT_H

#include <glib.h>

/* The first word is never 0. */
gboolean frame_salt_read(guint64 ret_salt[static 2], GError **error);

#endif /* XDPSHARK_FRAME_SALT_H */
