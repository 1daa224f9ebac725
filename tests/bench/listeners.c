// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial.h"

/* So many that sending is a small part of what is measured. */
#define SOCKETS 64

struct Listeners {
	int sockets[SOCKETS];
	int sender;
};

/* A packet socket on the device; protocol 0 receives nothing. */
static int open_socket(guint16 protocol, guint device)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)device,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		g_error("no packet socket: %s", g_strerror(errno));
	return fd;
}

static void run_command(const char *command)
{
	int status = -1;

	if (!g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) || status != 0)
		g_error("fails: %s", command);
}

Listeners *listeners_new(void)
{
	Listeners *listeners = g_new0(Listeners, 1);
	guint device;

	if (unshare(CLONE_NEWNET) < 0)
		g_error("no network namespace of its own: %s", g_strerror(errno));
	/* What arrives at the other end has no address to go to. */
	run_command("ip link add listen0 type veth peer name listen1");
	run_command("ip link set listen1 up");
	run_command("ip link set listen0 up");
	device = if_nametoindex("listen0");
	listeners->sender = open_socket(0, device);
	for (guint i = 0; i < SOCKETS; i++)
		listeners->sockets[i] = open_socket(ETH_P_ALL, device);
	return listeners;
}

void listeners_free(Listeners *listeners)
{
	for (guint i = 0; i < SOCKETS; i++)
		close(listeners->sockets[i]);
	close(listeners->sender);
	g_free(listeners);
}

gboolean listeners_attach(Listeners *listeners, const struct sock_filter *code, gsize length)
{
	g_autofree struct sock_filter *copy = g_memdup2(code, length * sizeof(*code));
	const struct sock_fprog program = { .len = (gushort)length, .filter = copy };

	for (gsize i = 0; i < length; i++)
		if (copy[i].code == (BPF_RET | BPF_K))
			copy[i].k = 0;
	for (guint i = 0; i < SOCKETS; i++)
		if (setsockopt(listeners->sockets[i], SOL_SOCKET, SO_ATTACH_FILTER, &program,
			       sizeof(program)) < 0)
			return FALSE;
	return TRUE;
}

gdouble listeners_time(const Listeners *listeners, const guint8 *packet, gsize size, guint count)
{
	gdouble start = trial_clock();

	for (guint i = 0; i < count; i++)
		if (send(listeners->sender, packet, size, 0) < 0)
			g_error("nothing is sent: %s", g_strerror(errno));
	return (trial_clock() - start) / count / SOCKETS;
}
