// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xsk_socket DEVICE [MAP]: an AF_XDP socket on queue 0 of the device, in copy mode; the pinned MAP
 * of sockets gets it as element 0. Prints its inode and the process, then does what the lines of
 *its standard input say:
 *
 *	send KIND LENGTH	sends a packet of ethertype 88b5 whose next byte is KIND; of several
 *				pieces, if one is too short and the kernel can (6.6)
 *	receive			waits for a packet and prints that byte and its length
 */
#include <errno.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define FRAMES ((size_t)64)
#define FRAME  2048
#define RING   32

/* Not in the headers of 6.1. */
#define USE_SG	 (1 << 4)
#define CONTINUE 1

typedef struct {
	uint32_t *producer, *consumer;
	void *entries;
} Ring;

typedef struct {
	int fd;
	int pieces; /* packets may have several */
	uint8_t *memory;
	Ring fill, completion, receive, transmit;
} Socket;

static void check(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void make_ring(const Socket *socket, int option, uint64_t page,
		      const struct xdp_ring_offset *offset, size_t entry, Ring *ret)
{
	const int size = RING;
	uint8_t *memory;

	check(setsockopt(socket->fd, SOL_XDP, option, &size, sizeof(size)) == 0, "ring");
	memory = mmap(NULL, offset->desc + RING * entry, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, socket->fd, (off_t)page);
	check(memory != MAP_FAILED, "mmap");
	ret->producer = (void *)(memory + offset->producer);
	ret->consumer = (void *)(memory + offset->consumer);
	ret->entries = memory + offset->desc;
}

static void make_rings(Socket *socket)
{
	struct xdp_umem_reg memory = { .len = FRAMES * FRAME, .chunk_size = FRAME };
	struct xdp_mmap_offsets offsets;
	socklen_t size = sizeof(offsets);

	socket->memory = mmap(NULL, FRAMES * FRAME, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	memory.addr = (uintptr_t)socket->memory;
	check(setsockopt(socket->fd, SOL_XDP, XDP_UMEM_REG, &memory, sizeof(memory)) == 0, "umem");
	check(getsockopt(socket->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size) == 0, "offsets");
	make_ring(socket, XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, &offsets.fr,
		  sizeof(uint64_t), &socket->fill);
	make_ring(socket, XDP_UMEM_COMPLETION_RING, XDP_UMEM_PGOFF_COMPLETION_RING, &offsets.cr,
		  sizeof(uint64_t), &socket->completion);
	make_ring(socket, XDP_RX_RING, XDP_PGOFF_RX_RING, &offsets.rx, sizeof(struct xdp_desc),
		  &socket->receive);
	make_ring(socket, XDP_TX_RING, XDP_PGOFF_TX_RING, &offsets.tx, sizeof(struct xdp_desc),
		  &socket->transmit);
}

static void bind_to(Socket *socket, const char *device)
{
	struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY | USE_SG,
		.sxdp_ifindex = if_nametoindex(device),
	};

	socket->pieces = bind(socket->fd, (void *)&address, sizeof(address)) == 0;
	if (socket->pieces)
		return;
	address.sxdp_flags = XDP_COPY;
	check(bind(socket->fd, (void *)&address, sizeof(address)) == 0, "bind");
}

/* The upper half of the frames is for what is received. */
static void offer(Socket *socket)
{
	uint64_t *entries = socket->fill.entries;

	for (uint32_t i = 0; i < RING; i++)
		entries[i] = (uint64_t)(FRAMES / 2 + i) * FRAME;
	__atomic_store_n(socket->fill.producer, RING, __ATOMIC_RELEASE);
}

static void send_packet(Socket *socket, int kind, uint32_t length)
{
	uint8_t head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, (uint8_t)kind };
	struct xdp_desc *entries = socket->transmit.entries;
	uint32_t at = *socket->transmit.producer, sent = 0;

	for (uint32_t i = 0; i < length; i++)
		socket->memory[i] = i < sizeof(head) ? head[i] : (uint8_t)(i * 7);
	while (sent < length) {
		uint32_t piece = length - sent < FRAME ? length - sent : FRAME;

		entries[at++ % RING] = (struct xdp_desc){
			.addr = sent,
			.len = piece,
			.options = sent + piece < length ? CONTINUE : 0,
		};
		sent += piece;
	}
	__atomic_store_n(socket->transmit.producer, at, __ATOMIC_RELEASE);
	while (sendto(socket->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0)
		check(errno == EAGAIN || errno == EBUSY || errno == ENOBUFS, "sendto");
	/* Completions are not of interest, but they need room. */
	__atomic_store_n(socket->completion.consumer,
			 __atomic_load_n(socket->completion.producer, __ATOMIC_ACQUIRE),
			 __ATOMIC_RELEASE);
	puts("sent");
}

static void receive_packet(Socket *socket)
{
	struct pollfd events = { .fd = socket->fd, .events = POLLIN };
	const struct xdp_desc *entries = socket->receive.entries, *packet;
	uint32_t at = *socket->receive.consumer;

	while (__atomic_load_n(socket->receive.producer, __ATOMIC_ACQUIRE) == at)
		check(poll(&events, 1, 30000) > 0, "poll");
	packet = &entries[at % RING];
	printf("%u %u\n", socket->memory[packet->addr + 14], packet->len);
	__atomic_store_n(socket->receive.consumer, at + 1, __ATOMIC_RELEASE);
}

static void insert(const Socket *socket, const char *path)
{
	const uint32_t key = 0;
	int map = bpf_obj_get(path);

	check(map >= 0 && bpf_map_update_elem(map, &key, &socket->fd, BPF_ANY) == 0, path);
}

int main(int argc, char **argv)
{
	Socket xsk = { .fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0) };
	unsigned length;
	char line[64];
	struct stat st;
	int kind;

	setlinebuf(stdout);
	check(argc >= 2 && xsk.fd >= 0, "socket");
	make_rings(&xsk);
	offer(&xsk);
	bind_to(&xsk, argv[1]);
	if (argc > 2)
		insert(&xsk, argv[2]);
	check(fstat(xsk.fd, &st) == 0, "fstat");
	printf("%lu %d %s\n", (unsigned long)st.st_ino, getpid(), xsk.pieces ? "pieces" : "whole");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "send %d %u", &kind, &length) == 2)
			send_packet(&xsk, kind, length);
		else
			receive_packet(&xsk);
	}
	return 0;
}
