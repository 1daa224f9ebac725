/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a capture to standard output for pcapng_readback.py, which knows what it holds.
 * usage: pcapng_sample plain|extreme
 */
#include "pcapng.h"

#include <stdio.h>
#include <string.h>

#define START G_GUINT64_CONSTANT(1700000000123456789) /* 2023-11-14 22:13:20.123456789 UTC */

/* Broadcast, an experimental Ethernet type (IEEE 802, 88b5), then the bytes' own positions. */
static void frame_fill(guint8 *frame, gsize length)
{
	static const guint8 header[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
					 0x00, 0x00, 0x00, 0x00, 0x01, 0x88, 0xb5 };

	for (gsize i = 0; i < length; i++)
		frame[i] = (guint8)i;
	memcpy(frame, header, MIN(length, sizeof(header)));
}

static void statistics_append(GByteArray *out, guint32 interface)
{
	const PcapngStatistics statistics = {
		.interface = interface,
		.time = START + 5000000000,
		.start = START - 1000000000,
		.end = START + 4000000000,
		.received = 1000 + interface,
		.dropped = 20 + interface,
		.accepted = 300 + interface,
		.delivered = 280 + interface,
		.comment = "xdp detached=DROP:3.204 detached_at_end=DROP",
	};

	pcapng_append_statistics(out, &statistics);
}

static void plain_append(GByteArray *out)
{
	static const guint8 mac[6] = { 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee };
	const PcapngSection section = { "test hardware", "Linux 6.1 test", "xdpshark 0.1 test" };
	const PcapngInterface first = { .name = "fw",
					.description = "/sys/fs/bpf/fw",
					.filter = "udp port 53",
					.os = "Linux 6.1 interface",
					.comment = "first of two",
					.mac = mac,
					.speed = 10000000000,
					.snaplen = 2000 };
	const PcapngInterface second = { .name = "lb", .description = "/bpf/lb", .snaplen = 2000 };
	g_autoptr(PcapngOptions) drop = pcapng_options_new(
		&source_hook,
		"xdp action=DROP hook=/sys/fs/bpf/fw prog=fw#812 if=eth0 queue=3 cpu=1", 3, 1);
	g_autoptr(PcapngOptions) pass = pcapng_options_new(&source_hook, "xdp action=PASS", 0, 2);
	g_autoptr(PcapngOptions) bare = pcapng_options_new(&source_hook, NULL, -1, -1);
	guint8 frame[2000];

	frame_fill(frame, sizeof(frame));
	const PcapngPacket packets[] = {
		{ 0, START, 60, 60, frame, G_GUINT64_CONSTANT(1) << 48, 0, drop, NULL, 0 },
		{ 1, START + 1, 61, 61, frame, 2, 7, pass, NULL, 0 },
		{ 0, START + 2000000000, 2000, 9000, frame, G_MAXINT64, 5000000000, drop, NULL, 0 },
		{ 0, START + 2000000001, 62, 62, frame, 3, 0, bare, NULL, 0 },
		{ 0, START + 2000000002, 63, 63, frame, 4, 0, bare, NULL, 0 },
	};
	pcapng_append_section(out, &section);
	pcapng_append_interface(out, &first);
	pcapng_append_interface(out, &second);
	for (gsize i = 0; i < G_N_ELEMENTS(packets); i++)
		pcapng_append_packet(out, &packets[i]);
	statistics_append(out, 0);
	statistics_append(out, 1);
}

/* Everything as long as it can be, and longer. */
static void extreme_append(GByteArray *out)
{
	g_autofree char *text = g_strnfill(100000, 'x');
	g_autofree guint8 *frame = g_malloc(400000);
	const PcapngSection section = { text, text, text };
	const PcapngInterface interface = { text, text, text,	     text,	   text,
					    NULL, 0,	G_MAXUINT32, LINK_ETHERNET };
	g_autoptr(PcapngOptions) options = pcapng_options_new(&source_hook, text, G_MAXUINT32, 4);

	frame_fill(frame, 400000);
	const PcapngPacket packets[] = {
		{ 0, START, 0, 60, NULL, 1, 0, options, NULL, 0 },
		{ 0, START, 65535, 65535, frame, 2, G_MAXINT64, options, NULL, 0 },
		{ 0, START, 400000, 400000, frame, 3, 0, options, NULL, 0 },
	};
	pcapng_append_section(out, &section);
	pcapng_append_interface(out, &interface);
	for (gsize i = 0; i < G_N_ELEMENTS(packets); i++)
		pcapng_append_packet(out, &packets[i]);
	statistics_append(out, 0);
}

int main(int argc, char **argv)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	if (argc == 2 && strcmp(argv[1], "plain") == 0) {
		plain_append(out);
	} else if (argc == 2 && strcmp(argv[1], "extreme") == 0) {
		extreme_append(out);
	} else {
		fprintf(stderr, "usage: pcapng_sample plain|extreme\n");
		return 2;
	}
	return fwrite(out->data, 1, out->len, stdout) == out->len && fflush(stdout) == 0 ? 0 : 1;
}
