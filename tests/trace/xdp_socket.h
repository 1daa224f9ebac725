/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small AF_XDP socket in copy mode, which receives. */
#ifndef XDP_SOCKET_H
#define XDP_SOCKET_H

#include <glib.h>

typedef struct {
	int fd;
	guint8 *frames;
	guint8 *fill, *receive; /* rings */
	gsize fill_producer, fill_entries, receive_producer, receive_consumer, receive_entries;
	guint32 taken;
} XdpSocket;

/* On queue 0 of the device, in the caller's network namespace. */
void xdp_socket_open(XdpSocket *xdp, guint32 ifindex);

/* The length of the next packet; 0 if there is none yet. */
gsize xdp_socket_receive(XdpSocket *xdp, guint8 *packet, gsize size);

void xdp_socket_close(XdpSocket *xdp);

#endif /* XDP_SOCKET_H */
