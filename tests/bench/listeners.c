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

#include "backlog.h"
#include "reference.h"
#include "trial.h"

/* With the copies of the filter in each, so many that sending is a small part of what is measured;
 * and so few that freeing their filters is no burden (backlog.h). */
#define SOCKETS 16
#define COPIES	16

/* Instructions of all copies: Linux before 6.7 gives a socket 20 KiB for a filter, and makes two
 * of one. */
#define INSNS_MOST 1100

struct Listeners {
	int sockets[SOCKETS];
	int sender;
	guint copies; /* of the filter, in each socket's */
	/* Two copies, behind which comes 1; NULL if only the kernel can run them. */
	struct sock_filter *twice;
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
	backlog_add(SOCKETS);
	close(listeners->sender);
	g_free(listeners->twice);
	g_free(listeners);
}

/* The program as often as copies says, one behind the other: where one returns the next one goes
 * on, and behind the last comes the result. */
static struct sock_filter *repeat(const struct sock_filter *code, gsize length, guint copies,
				  guint32 result)
{
	struct sock_filter *all = g_new(struct sock_filter, length * copies + 1);

	for (gsize i = 0; i < length * copies; i++) {
		all[i] = code[i % length];
		if (BPF_CLASS(all[i].code) == BPF_RET)
			all[i] = (struct sock_filter){ .code = BPF_JMP | BPF_JA,
						       .k = (guint32)(length - 1 - i % length) };
	}
	all[length * copies] = (struct sock_filter){ .code = BPF_RET | BPF_K, .k = result };
	return all;
}

/* Linux's loads at negative offsets, which libpcap takes for loads behind the end. */
static gboolean has_extension(const struct sock_filter *code, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (BPF_CLASS(code[i].code) == BPF_LD && code[i].k >= (guint32)SKF_LL_OFF)
			return TRUE;
	return FALSE;
}

gboolean listeners_attach(Listeners *listeners, const struct sock_filter *code, gsize length)
{
	guint copies = (guint)CLAMP(INSNS_MOST / length, 1, COPIES);
	g_autofree struct sock_filter *all = repeat(code, length, copies, 0);
	const struct sock_fprog program = { .len = (gushort)(length * copies + 1), .filter = all };
	gboolean attached = TRUE;

	for (guint i = 0; i < SOCKETS && attached; i++)
		attached = setsockopt(listeners->sockets[i], SOL_SOCKET, SO_ATTACH_FILTER, &program,
				      sizeof(program)) == 0;
	listeners->copies = copies;
	g_free(listeners->twice);
	listeners->twice = has_extension(code, length) ? NULL : repeat(code, length, 2, 1);
	/* Each socket has let its last filter go. */
	backlog_add(SOCKETS);
	return attached;
}

guint listeners_copies(const Listeners *listeners, const guint8 *packet, gsize size)
{
	if (listeners->twice &&
	    !reference_run(listeners->twice, packet, (guint32)size, (guint32)size))
		return 1;
	return listeners->copies;
}

gdouble listeners_time(const Listeners *listeners, const guint8 *packet, gsize size, guint count)
{
	gdouble start = trial_clock();

	for (guint i = 0; i < count; i++)
		if (send(listeners->sender, packet, size, 0) < 0)
			g_error("nothing is sent: %s", g_strerror(errno));
	return (trial_clock() - start) / count / SOCKETS;
}
