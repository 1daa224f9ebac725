/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AF_XDP sockets, as the kernel lists them (CONFIG_XDP_SOCKETS_DIAG, which not all kernels have).
 */
#ifndef XDPSHARK_XSK_DIAG_H
#define XDPSHARK_XSK_DIAG_H

#include <glib.h>

/* The indexes (guint32) of the devices that the sockets of the calling thread's network namespace
 * are bound to. Empty if there are none, or if the kernel does not list them. */
GHashTable *xsk_diag_devices(void);

#endif /* XDPSHARK_XSK_DIAG_H */
