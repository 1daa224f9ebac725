/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What devices and sockets are asked for by.
 */
#ifndef XDPSHARK_NETLINK_H
#define XDPSHARK_NETLINK_H

#include <glib.h>
#include <libmnl/libmnl.h>

/* Reads the answer to the request with that number to its end, each message by read(message, data).
 * Returns 0 or a negative errno. */
int netlink_receive(struct mnl_socket *socket, guint32 sequence, mnl_cb_t read, gpointer data);

#endif /* XDPSHARK_NETLINK_H */
