// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * generator DEVICE MAC PORT SIZE PACKETS RATE CPU: sends UDP frames of SIZE bytes to MAC and to a
 * port of 10.9.0.2, with frames that the kernel redirects (BPF_F_TEST_XDP_LIVE_FRAMES): millions a
 * second from one CPU. RATE in packets a second, 0: as fast as it goes. Prints how many it sent and
 * the ns that it took. Frames of more than a page come from a packet socket instead.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "generator.h"

/* A live frame lies in a page, with headroom and what the kernel keeps behind it. */
#define LIVE_SIZE_MAX	 3400
/* Frames that the kernel sends at once; fewer when they are slow, or they would come in bursts. */
#define BATCH_MAX	 64
#define BATCHES_A_SECOND 10000

typedef struct {
	int program; /* or -1 */
	int socket;
	struct sockaddr_ll address;
	guint8 *frame;
	gsize size;
} Generator;

static guint64 now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (guint64)time.tv_sec * 1000000000 + (guint64)time.tv_nsec;
}

static guint8 *make_frame(const char *mac, guint16 port, gsize size)
{
	guint8 *frame = g_malloc0(size);
	static const guint8 head[] = { 0, 0, 0, 0, 0, 0,  2,  0, 0, 0,	0, 1, 8, 0,  0x45, 0, 0,
				       0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 9,	   0, 2 };
	guint bytes[6];

	memcpy(frame, head, sizeof(head));
	if (sscanf(mac, "%x:%x:%x:%x:%x:%x", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4],
		   &bytes[5]) != 6)
		g_error("no MAC address: %s", mac);
	for (guint i = 0; i < 6; i++)
		frame[i] = bytes[i];
	const guint16 lengths[] = { htons(size - 14), htons(port), htons(size - 34) };
	memcpy(frame + 16, &lengths[0], 2);
	frame[34] = 0x80;
	memcpy(frame + 36, &lengths[1], 2);
	memcpy(frame + 38, &lengths[2], 2);
	/* The checksum of the IPv4 header, or the stack counts errors. */
	guint32 sum = 0;
	for (guint i = 14; i < 34; i += 2)
		sum += (guint32)frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	frame[24] = sum >> 8;
	frame[25] = sum;
	return frame;
}

static int load_program(guint ifindex, guint64 rate)
{
	struct bpf_object *object = bpf_object__open_file(BENCH_OBJECT, NULL);
	struct bpf_map *map = object ? bpf_object__find_map_by_name(object, ".rodata") : NULL;
	const struct generator_config config = { .rate = rate, .ifindex = ifindex };

	if (!map || bpf_map__set_initial_value(map, &config, sizeof(config)) < 0 ||
	    bpf_object__load(object) < 0)
		g_error("cannot load %s: %s", BENCH_OBJECT, g_strerror(errno));
	return bpf_program__fd(bpf_object__find_program_by_name(object, "generator"));
}

static void send_live(const Generator *generator, guint64 count, guint64 rate)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = generator->frame,
		    .data_size_in = generator->size, .repeat = (int)count,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH_MAX);

	if (rate > 0)
		options.batch_size = CLAMP(rate / BATCHES_A_SECOND, 1, BATCH_MAX);
	if (bpf_prog_test_run_opts(generator->program, &options) < 0)
		g_error("BPF_PROG_TEST_RUN: %s", g_strerror(errno));
}

static void wait_until(guint64 time)
{
	const struct timespec until = { (time_t)(time / 1000000000), (long)(time % 1000000000) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void send_socket(const Generator *generator, guint64 count, guint64 rate)
{
	guint64 start = now();

	for (guint64 i = 0; i < count; i++) {
		if (rate > 0)
			wait_until(start + i * 1000000000 / rate);
		while (sendto(generator->socket, generator->frame, generator->size, 0,
			      (const struct sockaddr *)&generator->address,
			      sizeof(generator->address)) < 0)
			if (errno != ENOBUFS && errno != EAGAIN)
				g_error("sendto: %s", g_strerror(errno));
	}
}

int main(int argc, char **argv)
{
	Generator generator = { .program = -1, .socket = -1 };
	guint64 count, rate, start;
	cpu_set_t cpus;
	guint ifindex;

	if (argc != 8)
		g_error("usage: generator DEVICE MAC PORT SIZE PACKETS RATE CPU");
	generator.size = strtoul(argv[4], NULL, 10);
	count = strtoull(argv[5], NULL, 10);
	rate = strtoull(argv[6], NULL, 10);
	CPU_ZERO(&cpus);
	CPU_SET(strtoul(argv[7], NULL, 10), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	ifindex = if_nametoindex(argv[1]);
	if (ifindex == 0 || generator.size < 60)
		g_error("no device %s, or a frame of less than 60 bytes", argv[1]);
	generator.frame = make_frame(argv[2], strtoul(argv[3], NULL, 10), generator.size);
	if (generator.size <= LIVE_SIZE_MAX) {
		generator.program = load_program(ifindex, rate);
	} else {
		generator.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		generator.address = (struct sockaddr_ll){ .sll_family = AF_PACKET,
							  .sll_ifindex = (int)ifindex };
		if (generator.socket < 0)
			g_error("socket: %s", g_strerror(errno));
	}
	start = now();
	if (generator.program >= 0)
		send_live(&generator, count, rate);
	else
		send_socket(&generator, count, rate);
	printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", count, now() - start);
	return EXIT_SUCCESS;
}
