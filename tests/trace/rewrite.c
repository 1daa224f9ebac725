// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rewrite OBJECT CLIENT SERVER SINK MODE ROUNDS: attaches the program of rewrite.bpf.c to server0
 * of tests/world.sh, whose namespaces these are, and prints "ready". On a line of standard input it
 * sends packets of each kind, and prints what a capture of the program must have of each: what was
 * sent, and what arrived where the program leads it to. What arrives nowhere is known to be
 * unchanged. Ends with its standard input.
 *
 * MODE: native, generic, or fragments, native with long frames.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "rewrite.h"
#include "xdp_socket.h"

#define LENGTH	   100
#define JUMBO	   5000
#define ROOM	   8192
#define ARRIVAL_MS 10000
#define SKIPPED	   77
#define PROGRAM	   "rewrite_as_the_port_says"

enum { NATIVE = 1, GENERIC = 2, FRAGMENTS = 4, ANY = 7 };

typedef enum { NOWHERE, AT_CLIENT, AT_SERVER, AT_SINK, IN_SOCKET, PLACES } Place;

static const struct {
	const char *action;
	Place place;
	int head, tail; /* by how much they move */
	int modes;
} kinds[REWRITE_KINDS] = {
	[REWRITE_PASS] = { "PASS", AT_SERVER, 0, 0, ANY },
	[REWRITE_DROP] = { "DROP", NOWHERE, 0, 0, ANY },
	[REWRITE_ABORT] = { "ABORTED", NOWHERE, 0, 0, ANY },
	[REWRITE_NAT] = { "TX", AT_CLIENT, 0, 0, ANY },
	[REWRITE_PUSH] = { "TX", AT_CLIENT, -REWRITE_TAG, 0, ANY },
	[REWRITE_POP] = { "TX", AT_CLIENT, REWRITE_TAG, 0, ANY },
	[REWRITE_WRAP] = { "TX", AT_CLIENT, -REWRITE_OUTER, 0, ANY },
	[REWRITE_UNWRAP] = { "TX", AT_CLIENT, REWRITE_OUTER, 0, ANY },
	[REWRITE_CUT] = { "TX", AT_CLIENT, 0, -REWRITE_CUT_OFF, ANY },
	/* A device must know how large its fragments are, for the last one to grow. */
	[REWRITE_GROW] = { "TX", AT_CLIENT, 0, REWRITE_GROWN, NATIVE | GENERIC },
	[REWRITE_CHAIN] = { "TX", AT_CLIENT, 0, 0, ANY },
	[REWRITE_SELF] = { "TX", AT_CLIENT, 0, 0, ANY },
	[REWRITE_NOWHERE] = { "DROP", NOWHERE, 0, 0, ANY },
	[REWRITE_DEVMAP] = { "REDIRECT", AT_SINK, 0, 0, ANY },
	/* In generic mode since 5.15. */
	[REWRITE_CPUMAP] = { "REDIRECT", AT_SERVER, 0, 0, NATIVE | FRAGMENTS },
	[REWRITE_XSKMAP] = { "REDIRECT", IN_SOCKET, 0, 0, NATIVE | GENERIC },
	[REWRITE_INDEX] = { "REDIRECT", AT_SINK, 0, 0, ANY },
};

typedef struct {
	struct bpf_object *object;
	int sockets[PLACES];
	XdpSocket xdp;
	int mode;
	gsize length;
	guint32 flags; /* of attaching */
	int ifindex;
} World;

typedef struct {
	guint8 data[ROOM];
	gsize length;
} Packet;

static void enter(const char *namespace)
{
	g_autofree char *path = g_strdup_printf("/run/netns/%s", namespace);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		g_error("cannot enter %s: %s", path, g_strerror(errno));
	close(fd);
}

/* Packets on their way in and out of a device; in the caller's namespace. */
static int listen_at(const char *device)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)), one = 1;
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(device),
	};

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) < 0)
		g_error("cannot listen at %s: %s", device, g_strerror(errno));
	return fd;
}

static int map_of(const World *world, const char *name)
{
	return bpf_object__find_map_fd_by_name(world->object, name);
}

static int program_of(const World *world, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(world->object, name));
}

static void set(int map, guint32 key, int value)
{
	if (bpf_map_update_elem(map, &key, &value, BPF_ANY) < 0)
		g_error("a map takes no value: %s", g_strerror(errno));
}

static void fill_maps(World *world)
{
	static const char *const stages[] = {
		[STAGE_TWO] = "stage_two",
		[STAGE_THREE] = "stage_three",
		[STAGE_LAST] = "stage_last",
		[STAGE_ROOT] = PROGRAM,
	};
	int target = (int)if_nametoindex("server1");

	for (guint i = 0; i < G_N_ELEMENTS(stages); i++)
		set(map_of(world, "stages"), i, program_of(world, stages[i]));
	set(map_of(world, "devices"), 1, target);
	set(map_of(world, "cpus"), 1, 64);
	set(map_of(world, ".bss"), 0, target);
	if (world->mode == FRAGMENTS)
		return;
	xdp_socket_open(&world->xdp, (guint32)world->ifindex);
	set(map_of(world, "sockets"), 0, world->xdp.fd);
}

static void world_open(World *world, char **arguments)
{
	struct bpf_program *program;

	enter(arguments[2]);
	world->sockets[AT_CLIENT] = listen_at("client0");
	enter(arguments[4]);
	world->sockets[AT_SINK] = listen_at("sink0");
	enter(arguments[3]);
	world->sockets[AT_SERVER] = listen_at("server0");
	world->ifindex = (int)if_nametoindex("server0");
	world->object = bpf_object__open_file(arguments[1], NULL);
	if (!world->object)
		g_error("cannot open %s", arguments[1]);
	bpf_object__for_each_program(program, world->object) if (world->mode == FRAGMENTS)
		bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
	if (bpf_object__load(world->object) < 0)
		g_error("cannot load %s", arguments[1]);
	fill_maps(world);
	world->flags = world->mode == GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	if (bpf_xdp_attach(world->ifindex, program_of(world, PROGRAM), world->flags, NULL) < 0)
		g_error("the device takes no program: %s", g_strerror(errno));
}

static void world_close(World *world)
{
	bpf_xdp_detach(world->ifindex, world->flags, NULL);
	bpf_object__close(world->object);
	if (world->mode != FRAGMENTS)
		xdp_socket_close(&world->xdp);
	for (Place place = AT_CLIENT; place <= AT_SINK; place++)
		close(world->sockets[place]);
}

static void put_tag(Packet *packet, guint16 tag)
{
	memmove(packet->data + 16, packet->data + 12, packet->length - 12);
	packet->data[12] = 0x81;
	packet->data[13] = 0;
	packet->data[14] = tag >> 8;
	packet->data[15] = (guint8)tag;
	packet->length += REWRITE_TAG;
}

static void make_packet(Packet *packet, gsize length, int kind, guint round)
{
	static const guint8 head[REWRITE_PAYLOAD] = {
		2, 0,  0,  0, 0, 1,  2, 0, 0, 0,  0, 2, 8, 0,	 0x45, 0, 0, 0, 0, 0, 0,
		0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2, 0x80, 0,    0, 0, 0, 0, 0, 0,
	};
	guint32 sum = 0;

	packet->length = length;
	memcpy(packet->data, head, sizeof(head));
	for (gsize i = sizeof(head); i < length; i++)
		packet->data[i] = (guint8)(i * 7 + round);
	packet->data[16] = (length - 14) >> 8;
	packet->data[17] = (guint8)(length - 14);
	packet->data[36] = (REWRITE_PORT + kind) >> 8;
	packet->data[37] = (guint8)(REWRITE_PORT + kind);
	packet->data[38] = (length - 34) >> 8;
	packet->data[39] = (guint8)(length - 34);
	for (gsize i = 14; i < 34; i += 2)
		sum += (guint32)packet->data[i] << 8 | packet->data[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	packet->data[24] = (guint8)(sum >> 8);
	packet->data[25] = (guint8)sum;
	if (kind == REWRITE_POP)
		put_tag(packet, 7);
}

/* The kernel has taken a tag out of the packet by then. */
static gboolean receive(int fd, Packet *packet)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct sockaddr_ll from = { 0 };
	struct iovec part = { packet->data, sizeof(packet->data) - REWRITE_TAG };
	struct msghdr message = { .msg_name = &from,
				  .msg_namelen = sizeof(from),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	const struct tpacket_auxdata *extra;
	ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);

	if (length <= 0 || from.sll_pkttype == PACKET_OUTGOING || !CMSG_FIRSTHDR(&message))
		return FALSE;
	packet->length = (gsize)length;
	extra = (const void *)CMSG_DATA(CMSG_FIRSTHDR(&message));
	if (extra->tp_status & TP_STATUS_VLAN_VALID)
		put_tag(packet, extra->tp_vlan_tci);
	return TRUE;
}

/* Waits for the packet that the program has made of this one. Others are not around: no addresses,
 * no IPv6. */
static void await(World *world, int kind, Packet *packet)
{
	Place place = kinds[kind].place;

	for (gint waited = 0; waited < ARRIVAL_MS; waited++) {
		struct pollfd one = { world->sockets[place == IN_SOCKET ? AT_SERVER : place],
				      POLLIN, 0 };

		if (place == IN_SOCKET) {
			packet->length = xdp_socket_receive(&world->xdp, packet->data, ROOM);
			if (packet->length > 0)
				return;
			poll(NULL, 0, 1);
		} else if (poll(&one, 1, 1) > 0 && receive(one.fd, packet)) {
			return;
		}
	}
	g_error("a packet of kind %d has not arrived", kind);
}

static void print_packet(const char *comment, const Packet *packet)
{
	printf("%s\t", comment);
	for (gsize i = 0; i < packet->length; i++)
		printf("%02x", packet->data[i]);
	printf("\n");
}

/* As the comment of the exit names it. */
static char *changes(int kind, const Packet *before, const Packet *after)
{
	int head = kinds[kind].head, tail = kinds[kind].tail;
	gsize cut = (gsize)MAX(head, 0), put = (gsize)MAX(-head, 0);
	gsize common = MIN(before->length - cut, after->length - put);
	GString *list = g_string_new(NULL);

	g_assert_cmpint((int)after->length, ==, (int)before->length - head + tail);
	if (memcmp(before->data + cut, after->data + put, common) != 0)
		g_string_append(list, ",bytes");
	if (head != 0)
		g_string_append(list, ",head");
	if (tail != 0)
		g_string_append(list, ",tail");
	if (list->len > 0)
		g_string_overwrite_len(g_string_prepend(list, " changed"), strlen(" changed"), "=",
				       1);
	return g_string_free(list, FALSE);
}

/* Before 6.3 the kernel drops frames in fragments that go to another device, behind the program. */
static gboolean is_lost(const World *world, int kind)
{
	struct utsname kernel;
	int major = 0, minor = 0;

	if (world->mode != FRAGMENTS || kinds[kind].place != AT_SINK)
		return FALSE;
	uname(&kernel);
	sscanf(kernel.release, "%d.%d", &major, &minor);
	return major < 6 || (major == 6 && minor < 3);
}

static void send_one(World *world, int kind, guint round)
{
	g_autofree Packet *before = g_new0(Packet, 1), *after = g_new0(Packet, 1);
	g_autofree char *comment = NULL, *changed = NULL;

	make_packet(before, world->length, kind, round);
	if (send(world->sockets[AT_CLIENT], before->data, before->length, 0) !=
	    (ssize_t)before->length)
		g_error("cannot send: %s", g_strerror(errno));
	if (kinds[kind].place == NOWHERE || is_lost(world, kind))
		*after = *before;
	else
		await(world, kind, after);
	changed = changes(kind, before, after);
	comment = g_strdup_printf("xdp at=exit action=%s%s", kinds[kind].action, changed);
	print_packet("xdp at=entry", before);
	print_packet(comment, after);
}

/* In the order in which the program sees them: on one CPU. */
static void send_all(World *world, guint rounds)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	for (guint round = 0; round < rounds; round++)
		for (int kind = 0; kind < REWRITE_KINDS; kind++)
			if (kinds[kind].modes & world->mode)
				send_one(world, kind, round);
}

int main(int argc, char **argv)
{
	World world = { 0 };

	if (argc != 7)
		g_error("usage: rewrite OBJECT CLIENT SERVER SINK native|generic|fragments ROUNDS");
	world.mode = strcmp(argv[5], "native") == 0    ? NATIVE
		     : strcmp(argv[5], "generic") == 0 ? GENERIC
						       : FRAGMENTS;
	world.length = world.mode == FRAGMENTS ? JUMBO : LENGTH;
	if (world.mode == FRAGMENTS &&
	    libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) != 1) {
		printf("SKIP: the kernel has no frames in fragments (5.18)\n");
		return SKIPPED;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	world_open(&world, argv);
	printf("ready\n");
	fflush(stdout);
	if (getchar() != EOF)
		send_all(&world, (guint)strtoul(argv[6], NULL, 10));
	printf("sent\n");
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	world_close(&world);
	return EXIT_SUCCESS;
}
