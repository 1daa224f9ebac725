// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssh_connection.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "SSH_CONNECTION"

/* Enough for two addresses with zones and two ports. */
#define LENGTH_MAX 256

/* Programs that remove the variable set one of these. */
static const char *const callers[] = { "SUDO_UID", "DOAS_USER", "PKEXEC_UID" };

/* How many parents to look at. Neither beyond these nor at the first process is there anybody's
 * session. */
#define PARENTS_MAX 32

/* The address as the kernel formats it; NULL if it is not valid. To link-local ones sshd appends
 * the zone. */
static char *parse_address(const char *text, gboolean *ret_ipv6)
{
	g_autofree char *plain = g_strndup(text, strcspn(text, "%"));
	char written[INET6_ADDRSTRLEN];
	struct in6_addr ipv6;
	struct in_addr ipv4;

	*ret_ipv6 = FALSE;
	if (inet_pton(AF_INET, text, &ipv4) == 1)
		return g_strdup(inet_ntop(AF_INET, &ipv4, written, sizeof(written)));
	if (inet_pton(AF_INET6, plain, &ipv6) != 1)
		return NULL;
	if (IN6_IS_ADDR_V4MAPPED(&ipv6))
		return g_strdup(inet_ntop(AF_INET, &ipv6.s6_addr[12], written, sizeof(written)));
	*ret_ipv6 = TRUE;
	return g_strdup(inet_ntop(AF_INET6, &ipv6, written, sizeof(written)));
}

static gboolean parse_port(const char *text, guint *ret_port)
{
	guint64 port;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT16, &port, NULL))
		return FALSE;
	*ret_port = (guint)port;
	return TRUE;
}

SshConnection *ssh_connection_parse(const char *text)
{
	g_autoptr(SshConnection) connection = g_new0(SshConnection, 1);
	g_auto(GStrv) words = NULL;
	gboolean ipv6;

	if (strlen(text) > LENGTH_MAX)
		return NULL;
	words = g_strsplit(text, " ", -1);
	if (g_strv_length(words) != 4)
		return NULL;
	connection->client = parse_address(words[0], &connection->ipv6);
	connection->server = parse_address(words[2], &ipv6);
	if (!connection->client || !connection->server || connection->ipv6 != ipv6 ||
	    !parse_port(words[1], &connection->client_port) ||
	    !parse_port(words[3], &connection->server_port))
		return NULL;
	return g_steal_pointer(&connection);
}

/* Looks into the environment of a process, as far as we are allowed to. */
static SshConnection *find_in_process(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/environ", pid);
	g_autofree char *environment = NULL;
	gsize size = 0;

	if (!g_file_get_contents(path, &environment, &size, NULL))
		return NULL;
	/* GLib puts a NUL after the end. */
	for (gsize at = 0; at < size; at += strlen(environment + at) + 1)
		if (g_str_has_prefix(environment + at, VARIABLE "="))
			return ssh_connection_parse(environment + at + strlen(VARIABLE "="));
	return NULL;
}

static pid_t find_parent(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
	g_autofree char *stat = NULL;
	const char *name_end = NULL;
	int parent;

	/* PID (NAME) STATE PARENT: the name may contain anything. */
	if (g_file_get_contents(path, &stat, NULL, NULL))
		name_end = strrchr(stat, ')');
	return name_end && sscanf(name_end, ") %*c %d", &parent) == 1 ? parent : 0;
}

static gboolean is_called_by_another(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(callers); i++)
		if (g_getenv(callers[i]))
			return TRUE;
	return FALSE;
}

SshConnection *ssh_connection_find(void)
{
	const char *text = g_getenv(VARIABLE);
	SshConnection *connection = text ? ssh_connection_parse(text) : NULL;
	pid_t pid = text || !is_called_by_another() ? 0 : getppid();

	for (guint i = 0; !connection && pid > 1 && i < PARENTS_MAX; i++) {
		connection = find_in_process(pid);
		pid = find_parent(pid);
	}
	return connection;
}

char *ssh_connection_filter(const SshConnection *connection)
{
	g_autofree char *plain = g_strdup_printf(
		"host %s and host %s and tcp port %u and tcp port %u", connection->client,
		connection->server, connection->client_port, connection->server_port);

	return g_strdup_printf("(%s) or (vlan and %s)", plain, plain);
}

guint ssh_connection_shortest(const SshConnection *connection)
{
	return sizeof(struct ether_header) + sizeof(struct tcphdr) +
	       (connection->ipv6 ? sizeof(struct ip6_hdr) : sizeof(struct ip));
}

void ssh_connection_free(SshConnection *connection)
{
	if (!connection)
		return;
	g_free(connection->client);
	g_free(connection->server);
	g_free(connection);
}
