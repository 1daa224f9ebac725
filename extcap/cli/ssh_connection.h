/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ssh connection that the process runs in, if any. A capture that is sent over it would capture
 * itself.
 */
#ifndef XDPSHARK_SSH_CONNECTION_H
#define XDPSHARK_SSH_CONNECTION_H

#include <glib.h>

typedef struct {
	char *client; /* addresses of one family, as text that is safe anywhere */
	char *server;
	guint client_port;
	guint server_port;
	gboolean ipv6;
} SshConnection;

/* Parses SSH_CONNECTION from the environment or, where sudo or the like has removed it, from that
 * of a parent. NULL if there is none or it is not valid. */
SshConnection *ssh_connection_find(void);

/* Parses the value of SSH_CONNECTION. */
SshConnection *ssh_connection_parse(const char *text);

/* A filter that matches its packets in both directions, in a VLAN or not. Free with g_free(). */
char *ssh_connection_filter(const SshConnection *connection);

/* Length of its shortest packet, in bytes. */
guint ssh_connection_shortest(const SshConnection *connection);

void ssh_connection_free(SshConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SshConnection, ssh_connection_free)

#endif /* XDPSHARK_SSH_CONNECTION_H */
