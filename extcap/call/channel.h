/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the program and xdpshark-hookd: a GVariant and file descriptors over a stream
 * socket.
 */
#ifndef XDPSHARK_CHANNEL_H
#define XDPSHARK_CHANNEL_H

#include <glib.h>

/* Longer messages are refused. Enough for a million classic instructions. */
#define CHANNEL_SIZE_MAX (16 * 1024 * 1024)

/* Descriptors that go with one message, at most (the kernel's SCM_MAX_FD is 253). */
#define CHANNEL_FDS_MAX 16

/* How long to wait for the other side. */
typedef struct {
	/* Waits until the socket is writable or readable (POLLOUT or POLLIN). FALSE: give up. */
	gboolean (*wait)(int socket, short events, gpointer data);
	gpointer data;
} ChannelPatience;

/* Sends value (a floating reference is sunk) and duplicates of the descriptors. FALSE if the other
 * side is gone or patience (NULL: endless) has run out. */
gboolean channel_send(int socket, GVariant *value, const int *fds, guint count,
		      const ChannelPatience *patience);

/* Waits for a message of the type. Its descriptors, at most CHANNEL_FDS_MAX, are appended to fds
 * (int) and belong to the caller; without fds they are closed. NULL if the other side is gone or
 * sends something else, or patience (NULL: endless) has run out. */
GVariant *channel_receive(int socket, const GVariantType *type, GArray *fds,
			  const ChannelPatience *patience);

#endif /* XDPSHARK_CHANNEL_H */
