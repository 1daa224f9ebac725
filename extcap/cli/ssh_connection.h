/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ssh connection that the process runs in, if any. A capture that goes over it would capture
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

/* From SSH_CONNECTION in the environment or, where sudo or the like has taken it out, in that of
 * who called. NULL if there is none, or something else in it. */
SshConnection *ssh_connection_find(void);

/* From the text of SSH_CONNECTION. */
SshConnection *ssh_connection_parse(const char *text);

/* A filter that matches its packets in both directions, in a VLAN or not. To be freed by g_free().
 */
char *ssh_connection_filter(const SshConnection *connection);

/* Bytes of its shortest packet. */
guint ssh_connection_shortest(const SshConnection *connection);

void ssh_connection_free(SshConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SshConnection, ssh_connection_free)

#endif /* XDPSHARK_SSH_CONNECTION_H */
