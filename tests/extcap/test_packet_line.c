// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of packets: what they say of each kind, cut off anywhere, and that none of it makes a
 * terminal obey.
 */
#include <string.h>

#include "packet_line.h"
#include "printed_line.h"

#define MACS "02000000000202000000000a"
#define PORTS                                                                                      \
	"03e8"                                                                                     \
	"0035"

static const struct {
	const char *name;
	guint16 link;
	const char *bytes; /* in hexadecimal */
	const char *line;
} packets[] = {
	{ "udp", 1,
	  MACS "0800"
	       "4500001c000000004011000"
	       "00a0900010a090002" PORTS "00080000",
	  "10.9.0.1:1000 > 10.9.0.2:53 UDP 42" },
	{ "vlans", 1,
	  MACS "88a8"
	       "0002"
	       "8100"
	       "0003"
	       "0800"
	       "4500001c0000000040060000"
	       "0a0900010a090002" PORTS,
	  "vlan 2 vlan 3 10.9.0.1:1000 > 10.9.0.2:53 TCP 46" },
	{ "fragment", 1,
	  MACS "0800"
	       "4500001c0000000140110000"
	       "0a0900010a090002" PORTS,
	  "10.9.0.1 > 10.9.0.2 UDP fragment 38" },
	{ "options", 101,
	  "4600001c0000000001020000"
	  "0a090001e0000016"
	  "94040000"
	  "1600",
	  "10.9.0.1 > 224.0.0.22 IGMP 26" },
	{ "ipv6", 101,
	  "6000000000101140"
	  "00000000000000000000000000000001"
	  "00000000000000000000000000000002" PORTS,
	  "[::1]:1000 > [::2]:53 UDP 44" },
	{ "ipv6 extensions", 101,
	  "6000000000180040"
	  "00000000000000000000000000000001"
	  "00000000000000000000000000000002"
	  "3c00000000000000"
	  "0600000000000000" PORTS,
	  "[::1]:1000 > [::2]:53 TCP 60" },
	{ "ipv6 fragment", 101,
	  "6000000000182c40"
	  "00000000000000000000000000000001"
	  "00000000000000000000000000000002"
	  "1100000900000000" PORTS,
	  "::1 > ::2 UDP fragment 52" },
	{ "arp", 1,
	  MACS "0806"
	       "0001",
	  "02:00:00:00:00:0a > 02:00:00:00:00:02 ARP 16" },
	{ "unknown", 1, MACS "1234", "02:00:00:00:00:0a > 02:00:00:00:00:02 type 0x1234 14" },
	{ "unknown protocol", 101,
	  "4500001c0000000040fe0000"
	  "0a0900010a090002",
	  "10.9.0.1 > 10.9.0.2 IP protocol 254 20" },
	{ "nothing", 101, "", "no IP 0" },
	{ "too little", 1, "0200", "cut off 2" },
};

/* Exactly as long as it is, so that a sanitizer sees each byte that is read behind it. */
static guint8 *to_bytes(const char *text, guint32 *ret_length)
{
	guint32 length = (guint32)strlen(text) / 2;
	guint8 *bytes = g_malloc(MAX(length, 1));

	for (guint32 i = 0; i < length; i++)
		bytes[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) << 4 |
				    g_ascii_xdigit_value(text[2 * i + 1]));
	*ret_length = length;
	return bytes;
}

static void test_kinds(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(packets); i++) {
		g_autoptr(GString) line = g_string_new(NULL);
		PacketLine what = { .link = packets[i].link };
		g_autofree guint8 *bytes = to_bytes(packets[i].bytes, &what.captured_length);

		what.data = bytes;
		what.wire_length = what.captured_length;
		packet_line_append(line, &what);
		g_test_message("%s", packets[i].name);
		g_assert_cmpstr(line->str, ==, packets[i].line);
	}
}

static void test_cut(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(packets); i++) {
		guint32 whole;
		g_autofree guint8 *bytes = to_bytes(packets[i].bytes, &whole);

		for (guint32 length = 0; length < whole; length++) {
			g_autofree guint8 *cut = g_memdup2(bytes, MAX(length, 1));
			g_autoptr(GString) line = g_string_new(NULL);
			const PacketLine what = { packets[i].link, cut, length, whole, TRUE };

			packet_line_append(line, &what);
			packet_line_append_bytes(line, cut, length);
			g_assert_true(g_str_is_ascii(line->str));
		}
	}
}

static void check_dress(const char *line, gboolean color, const char *expected)
{
	g_autofree char *dressed = printed_line_dress(line, color);

	g_assert_cmpstr(dressed, ==, expected);
}

static void test_dress(void)
{
	check_dress("xdp action=DROP 1.5 a > b", FALSE, "DROP     1.5 a > b");
	check_dress("xdp action=DROP 1.5 a > b", TRUE, "\033[31mDROP    \033[0m 1.5 a > b");
	check_dress("xdp action=TX hook=/x prog=fw#2 1.5", FALSE, "TX       1.5");
	check_dress("xdp at=entry 1.5", TRUE, "entry    1.5");
	check_dress("xdp at=xsk sent=DROP socket=7 process=app#9 1.5", TRUE,
		    "\033[31mDROP    \033[0m 1.5");
	check_dress("xdp action=\033[2J 1.5", TRUE, "?[2J     1.5");
	check_dress("xdp if=eth0 1.5", TRUE, "-        1.5");
	check_dress("Frame 1: \033[2J\xff", TRUE, "Frame 1: ?[2J\xef\xbf\xbd");
	check_dress("xdp", TRUE, "xdp");
	check_dress("", TRUE, "");
}

static void test_times(void)
{
	static const struct {
		PrintedTime style;
		const char *lines[2];
	} all[] = {
		{ PRINTED_TIME_NONE, { "", "" } },
		{ PRINTED_TIME_EPOCH, { "1700000000.000000001 ", "1700000001.500000001 " } },
		{ PRINTED_TIME_SINCE_LAST, { "0.000000000 ", "1.500000000 " } },
		{ PRINTED_TIME_SINCE_FIRST, { "0.000000000 ", "1.500000000 " } },
		{ PRINTED_TIME_OF_DAY, { "22:13:20.000000001 ", "22:13:21.500000001 " } },
		{ PRINTED_TIME_DATE,
		  { "2023-11-14 22:13:20.000000001 ", "2023-11-14 22:13:21.500000001 " } },
	};

	g_setenv("TZ", "UTC", TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
		PrintedClock clock = { 0 };

		for (guint packet = 0; packet < 2; packet++) {
			g_autoptr(GString) line = g_string_new(NULL);

			printed_time_append(line, &clock, all[i].style,
					    G_GUINT64_CONSTANT(1700000000000000001) +
						    packet * G_GUINT64_CONSTANT(1500000000));
			g_assert_cmpstr(line->str, ==, all[i].lines[packet]);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/packet_line/says of each kind what it is", test_kinds);
	g_test_add_func("/packet_line/reads nothing behind the end", test_cut);
	g_test_add_func("/printed_line/action in front, and tame", test_dress);
	g_test_add_func("/printed_line/times", test_times);
	return g_test_run();
}
