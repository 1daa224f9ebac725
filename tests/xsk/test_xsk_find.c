// SPDX-License-Identifier: GPL-2.0-or-later
/* Who has an AF_XDP socket, and devices as points where such sockets send. */
#include <glib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xsk_find.h"
#include "xsk_owner.h"

#define SKIPPED 77

static const PointSocket *find_socket(const GPtrArray *sockets, guint64 inode)
{
	for (guint i = 0; i < sockets->len; i++) {
		const PointSocket *socket = g_ptr_array_index(sockets, i);

		if (socket->inode == inode)
			return socket;
	}
	return NULL;
}

static guint64 inode_of(int fd)
{
	struct stat st;

	g_assert_cmpint(fstat(fd, &st), ==, 0);
	return st.st_ino;
}

/* The socket of another protocol is none. */
static void test_owner(void)
{
	g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func(point_socket_free);
	int xdp = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const PointSocket *own;

	if (xdp < 0) {
		g_test_skip("there are no AF_XDP sockets");
		close(other);
		return;
	}
	prctl(PR_SET_NAME, "a (name)");
	xsk_owners_add(sockets);
	own = find_socket(sockets, inode_of(xdp));
	g_assert_nonnull(own);
	g_assert_cmpuint(own->pid, ==, getpid());
	g_assert_cmpstr(own->process, ==, "a (name)");
	g_assert_null(find_socket(sockets, inode_of(other)));
	close(xdp);
	close(other);
}

static void test_describe(void)
{
	const char *const there[] = { "lo", NULL }, *const gone[] = { "lo", "nowhere0", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) points = xsk_describe(there, &error);
	const Point *point;
	const PointDevice *device;

	g_assert_no_error(error);
	g_assert_cmpuint(points->len, ==, 1);
	point = g_ptr_array_index(points, 0);
	device = g_ptr_array_index(point->devices, 0);
	g_assert_cmpstr(point->address, ==, "lo");
	g_assert_cmpstr(point->name, ==, "lo@xsk");
	g_assert_cmpuint(device->ifindex, ==, 1);
	g_assert_null(xsk_describe(gone, &error));
	g_assert_error(error, POINT_ERROR, POINT_ERROR_NOT_FOUND);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (geteuid() != 0) {
		g_print("SKIP: needs root, to see other processes' descriptors\n");
		return SKIPPED;
	}
	g_test_add_func("/xsk/owner", test_owner);
	g_test_add_func("/xsk/describe", test_describe);
	return g_test_run();
}
