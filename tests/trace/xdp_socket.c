// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_socket.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME	    4096
#define FRAMES	    64
#define RING	    64
#define AREA	    ((gsize)FRAME * FRAMES)
#define RING_MEMORY 4096

static void must(gboolean good, const char *what)
{
	if (!good)
		g_error("AF_XDP: %s: %s", what, g_strerror(errno));
}

static guint8 *map_ring(int fd, off_t offset)
{
	void *ring = mmap(NULL, RING_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			  offset);

	must(ring != MAP_FAILED, "mmap");
	return ring;
}

static void set_ring(int fd, int option)
{
	int entries = RING;

	must(setsockopt(fd, SOL_XDP, option, &entries, sizeof(entries)) == 0, "a ring");
}

static void set_memory(XdpSocket *xdp)
{
	struct xdp_umem_reg area = { .len = AREA, .chunk_size = FRAME };

	xdp->frames = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(xdp->frames != MAP_FAILED, "memory");
	area.addr = (guintptr)xdp->frames;
	must(setsockopt(xdp->fd, SOL_XDP, XDP_UMEM_REG, &area, sizeof(area)) == 0, "memory");
}

static void map_rings(XdpSocket *xdp)
{
	struct xdp_mmap_offsets offsets;
	socklen_t size = sizeof(offsets);

	must(getsockopt(xdp->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size) == 0, "offsets");
	xdp->fill = map_ring(xdp->fd, (off_t)XDP_UMEM_PGOFF_FILL_RING);
	xdp->receive = map_ring(xdp->fd, XDP_PGOFF_RX_RING);
	xdp->fill_producer = offsets.fr.producer;
	xdp->fill_entries = offsets.fr.desc;
	xdp->receive_producer = offsets.rx.producer;
	xdp->receive_consumer = offsets.rx.consumer;
	xdp->receive_entries = offsets.rx.desc;
}

void xdp_socket_open(XdpSocket *xdp, guint32 ifindex)
{
	struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY,
		.sxdp_ifindex = ifindex,
	};
	__u64 *frames;

	xdp->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	must(xdp->fd >= 0, "no socket");
	set_memory(xdp);
	set_ring(xdp->fd, XDP_UMEM_FILL_RING);
	set_ring(xdp->fd, XDP_UMEM_COMPLETION_RING);
	set_ring(xdp->fd, XDP_RX_RING);
	map_rings(xdp);
	frames = (__u64 *)(xdp->fill + xdp->fill_entries);
	for (guint i = 0; i < FRAMES; i++)
		frames[i] = (__u64)i * FRAME;
	__atomic_store_n((__u32 *)(xdp->fill + xdp->fill_producer), FRAMES, __ATOMIC_RELEASE);
	must(bind(xdp->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
}

/* Frames are not given back: there are enough. */
gsize xdp_socket_receive(XdpSocket *xdp, guint8 *packet, gsize size)
{
	const struct xdp_desc *packets = (const void *)(xdp->receive + xdp->receive_entries), *next;
	guint32 produced =
		__atomic_load_n((__u32 *)(xdp->receive + xdp->receive_producer), __ATOMIC_ACQUIRE);

	if (produced == xdp->taken)
		return 0;
	next = &packets[xdp->taken++ % RING];
	g_assert_cmpuint(next->len, <=, size);
	memcpy(packet, xdp->frames + next->addr, next->len);
	__atomic_store_n((__u32 *)(xdp->receive + xdp->receive_consumer), xdp->taken,
			 __ATOMIC_RELEASE);
	return next->len;
}

void xdp_socket_close(XdpSocket *xdp)
{
	close(xdp->fd);
	munmap(xdp->fill, RING_MEMORY);
	munmap(xdp->receive, RING_MEMORY);
	munmap(xdp->frames, AREA);
}
