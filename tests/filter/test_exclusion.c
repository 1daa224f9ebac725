// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An ssh connection is told from what its session's environment says, whatever that is, and its
 * packets, no others, are left out of a filter.
 */
#include <glib.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "exclusion.h"
#include "ssh_connection.h"

#define PACKET_MAX 200

typedef struct {
	guint8 data[PACKET_MAX];
	guint size;
} Packet;

typedef struct {
	gboolean ipv6;
	guint8 source, destination; /* last bytes of the addresses */
	guint16 source_port, destination_port;
	guint8 protocol;
	gboolean vlan;
	guint options; /* words, of IPv4 */
} Shape;

static void put16(Packet *packet, guint value)
{
	packet->data[packet->size++] = (guint8)(value >> 8);
	packet->data[packet->size++] = (guint8)value;
}

static void put_address(Packet *packet, gboolean ipv6, guint8 last)
{
	if (ipv6) {
		packet->data[packet->size] = 0xfe;
		packet->data[packet->size + 1] = 0x80;
		packet->size += 16;
	} else {
		packet->data[packet->size] = 10;
		packet->data[packet->size + 1] = 9;
		packet->size += 4;
	}
	packet->data[packet->size - 1] = last;
}

static Packet make_packet(const Shape *shape)
{
	Packet packet = { .size = 12 };

	if (shape->vlan) {
		put16(&packet, 0x8100);
		put16(&packet, 5);
	}
	put16(&packet, shape->ipv6 ? 0x86dd : 0x0800);
	packet.data[packet.size] = shape->ipv6 ? 0x60 : (guint8)(0x45 + shape->options);
	packet.data[packet.size + (shape->ipv6 ? 6 : 9)] = shape->protocol;
	packet.size += shape->ipv6 ? 8 : 12;
	put_address(&packet, shape->ipv6, shape->source);
	put_address(&packet, shape->ipv6, shape->destination);
	packet.size += 4 * shape->options;
	put16(&packet, shape->source_port);
	put16(&packet, shape->destination_port);
	packet.size += 16;
	return packet;
}

static gboolean matches(const Filter *filter, const Packet *packet, guint size)
{
	const struct bpf_program program = {
		.bf_len = (u_int)filter->length,
		.bf_insns = (struct bpf_insn *)filter->code,
	};
	const struct pcap_pkthdr header = { .caplen = size, .len = size };

	return pcap_offline_filter(&program, &header, packet->data) != 0;
}

/* The filter of a connection between 1 and 2, client port 5000 and server port 22, put before text.
 */
static Filter *make_filter(gboolean ipv6, const char *text, Filter **ret_plain)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SshConnection) connection = ssh_connection_parse(
		ipv6 ? "fe80::1%eth0 5000 fe80::2%eth0 22" : "10.9.0.1 5000 10.9.0.2 22");
	g_autofree char *excluded = ssh_connection_filter(connection);
	const Exclusion exclusion = { excluded, ssh_connection_shortest(connection) };
	Filter *filter;

	*ret_plain = filter_compile(text, LINK_ETHERNET, FILTER_NETMASK_UNKNOWN,
				    FILTER_OPTIMIZE_IF_QUICK, &error);
	g_assert_no_error(error);
	filter = exclusion_apply(&exclusion, LINK_ETHERNET, *ret_plain, &error);
	g_assert_no_error(error);
	return filter;
}

static const char *const texts[] = {
	"",	  "tcp",     "port 22",	    "udp or vlan 5", "not udp",
	"vlan 5", "ip[8]=0", "tcp or vlan", "greater 1",     "host 10.9.0.1 or fe80::1",
};

/* Each field of the connection's packets, and one other value of it. */
static void test_packets(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(texts) * 2; i++) {
		gboolean ipv6 = i % 2;
		g_autoptr(Filter) plain = NULL;
		g_autoptr(Filter) filter = make_filter(ipv6, texts[i / 2], &plain);

		for (guint other = 0; other < 1 << 8; other++) {
			gboolean back = other & 1;
			const Shape shape = {
				.ipv6 = ((other >> 1) & 1) ? !ipv6 : ipv6,
				.source = ((other >> 2) & 1) ? 3 : (back ? 2 : 1),
				.destination = ((other >> 3) & 1) ? 3 : (back ? 1 : 2),
				.source_port = ((other >> 4) & 1) ? 443 : (back ? 22 : 5000),
				.destination_port = ((other >> 5) & 1) ? 443 : (back ? 5000 : 22),
				.protocol = ((other >> 6) & 1) ? IPPROTO_UDP : IPPROTO_TCP,
				.vlan = (other >> 7) & 1,
				.options = ipv6 ? 0 : other % 3,
			};
			const Packet packet = make_packet(&shape);
			gboolean excluded = (other & 0x7e) == 0;

			g_assert_cmpint(matches(filter, &packet, packet.size), ==,
					!excluded && matches(plain, &packet, packet.size));
		}
	}
}

/* What is too short to be one of the connection's is not lost. */
static void test_short(void)
{
	const Shape shape = { .source = 1,
			      .destination = 3,
			      .source_port = 5000,
			      .destination_port = 22,
			      .protocol = IPPROTO_TCP };
	const Packet packet = make_packet(&shape);
	g_autoptr(Filter) plain = NULL;
	g_autoptr(Filter) filter = make_filter(FALSE, "", &plain);

	for (guint size = 1; size <= packet.size; size++)
		g_assert_true(matches(filter, &packet, size));
}

static void test_good(void)
{
	static const struct {
		const char *text, *client, *server;
		guint client_port, server_port;
	} rows[] = {
		{ "10.0.0.1 50000 10.0.0.2 22", "10.0.0.1", "10.0.0.2", 50000, 22 },
		{ "2001:db8::1 1 2001:DB8:0:0::2 65535", "2001:db8::1", "2001:db8::2", 1, 65535 },
		{ "fe80::1%eth0 50000 fe80::2%eth0 22", "fe80::1", "fe80::2", 50000, 22 },
		{ "::ffff:10.0.0.1 50000 ::ffff:10.0.0.2 22", "10.0.0.1", "10.0.0.2", 50000, 22 },
		{ "127.0.0.1 50000 127.0.0.1 22", "127.0.0.1", "127.0.0.1", 50000, 22 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(SshConnection) connection = ssh_connection_parse(rows[i].text);

		g_assert_nonnull(connection);
		g_assert_cmpstr(connection->client, ==, rows[i].client);
		g_assert_cmpstr(connection->server, ==, rows[i].server);
		g_assert_cmpuint(connection->client_port, ==, rows[i].client_port);
		g_assert_cmpuint(connection->server_port, ==, rows[i].server_port);
	}
}

static void test_hostile(void)
{
	static const char *const bad[] = {
		"",
		" ",
		"10.0.0.1",
		"10.0.0.1 50000 10.0.0.2",
		"10.0.0.1 50000 10.0.0.2 22 ",
		"10.0.0.1 50000 10.0.0.2 22 or udp",
		"10.0.0.1  50000 10.0.0.2 22",
		"10.0.0.1 50000 10.0.0.2 0",
		"10.0.0.1 50000 10.0.0.2 65536",
		"10.0.0.1 50000 10.0.0.2 -22",
		"10.0.0.1 50000 10.0.0.2 +22",
		"10.0.0.1 50000 10.0.0.2 0x16",
		"10.0.0.1 50000 10.0.0.2 22)",
		"10.0.0.1 50000 10.0.0.2 ssh",
		"10.0.0.1 50000 2001:db8::2 22",
		"10.0.0 50000 10.0.0.2 22",
		"0 50000 0 22",
		"10.0.0.1%eth0 50000 10.0.0.2 22",
		"example.org 50000 10.0.0.2 22",
		"10.0.0.1)\tor\t(udp 50000 10.0.0.2 22",
		"UNKNOWN 65535 UNKNOWN 65535",
		"2001:db8::1 50000 2001:db8::g 22",
		"%eth0 50000 ::1 22",
		"10.0.0.1\n50000 10.0.0.2 22",
	};
	g_autofree char *long_zone = g_strdup_printf("fe80::1%%%0300d 50000 fe80::2%%eth0 22", 0);

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_null(ssh_connection_parse(bad[i]));
	g_assert_null(ssh_connection_parse(long_zone));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ssh/good", test_good);
	g_test_add_func("/ssh/hostile", test_hostile);
	g_test_add_func("/exclusion/packets", test_packets);
	g_test_add_func("/exclusion/short", test_short);
	return g_test_run();
}
