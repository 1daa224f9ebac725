// SPDX-License-Identifier: GPL-2.0-or-later
#include "xsk_owner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "point.h"

#define SOCKETS_MAX 4096

#define INTERVAL_US G_USEC_PER_SEC
/* Of the time, one part of so many. */
#define SHARE	    100

#define SOCKET "socket:["

/* What was found last. */
static struct {
	GPtrArray *sockets; /* PointSocket * */
	gint64 due;
} found;

/* The inode of the AF_XDP socket that this is; 0: it is something else. */
static guint64 xdp_socket(const char *path)
{
	char target[64] = "", protocol[16] = "";

	if (readlink(path, target, sizeof(target) - 1) < 0 || !g_str_has_prefix(target, SOCKET))
		return 0;
	if (getxattr(path, "system.sockprotoname", protocol, sizeof(protocol) - 1) < 0 ||
	    strcmp(protocol, "XDP") != 0)
		return 0;
	return g_ascii_strtoull(target + strlen(SOCKET), NULL, 10);
}

static char *process_name(const char *process)
{
	g_autofree char *path = g_build_filename("/proc", process, "comm", NULL);
	char *name = NULL;

	return g_file_get_contents(path, &name, NULL, NULL) ? g_strchomp(name) : g_strdup("");
}

static void look_at_process(const char *process, GPtrArray *sockets)
{
	g_autofree char *folder = g_build_filename("/proc", process, "fd", NULL);
	g_autoptr(GDir) descriptors = g_dir_open(folder, 0, NULL);
	const char *descriptor;

	while (descriptors && sockets->len < SOCKETS_MAX &&
	       (descriptor = g_dir_read_name(descriptors))) {
		g_autofree char *path = g_build_filename(folder, descriptor, NULL);
		guint64 inode = xdp_socket(path);
		g_autofree char *name = inode ? process_name(process) : NULL;

		if (inode)
			g_ptr_array_add(sockets,
					point_socket_new(inode, (guint32)atoi(process), name));
	}
}

static gint compare(gconstpointer left, gconstpointer right)
{
	const PointSocket *a = *(PointSocket *const *)left, *b = *(PointSocket *const *)right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void look(gint64 now)
{
	g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
	GPtrArray *sockets = g_ptr_array_new_with_free_func(point_socket_free);
	const char *process;

	while (processes && (process = g_dir_read_name(processes)))
		if (g_ascii_isdigit(process[0]))
			look_at_process(process, sockets);
	g_ptr_array_sort(sockets, compare);
	g_clear_pointer(&found.sockets, g_ptr_array_unref);
	found.sockets = sockets;
	found.due = now + MAX(INTERVAL_US, (g_get_monotonic_time() - now) * SHARE);
}

void xsk_owners_add(GPtrArray *sockets)
{
	gint64 now = g_get_monotonic_time();

	if (now >= found.due)
		look(now);
	for (guint i = 0; i < found.sockets->len; i++) {
		const PointSocket *socket = g_ptr_array_index(found.sockets, i);

		g_ptr_array_add(sockets,
				point_socket_new(socket->inode, socket->pid, socket->process));
	}
}
