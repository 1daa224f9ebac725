// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.h"

#include <errno.h>
#include <glib.h>

/* The kernel fills the messages of a dump up to 32 KiB if the reader's buffer is that large. */
#define MESSAGES_SIZE 32768

int netlink_receive(struct mnl_socket *socket, guint32 sequence, mnl_cb_t read, gpointer data)
{
	g_autofree char *buffer = g_malloc(MESSAGES_SIZE);
	guint32 port = mnl_socket_get_portid(socket);
	int result = MNL_CB_OK;

	while (result > MNL_CB_STOP) {
		ssize_t size = mnl_socket_recvfrom(socket, buffer, MESSAGES_SIZE);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		result = mnl_cb_run(buffer, (size_t)size, sequence, port, read, data);
	}
	return result < 0 ? -errno : 0;
}
