// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet_line.h"

#include <arpa/inet.h>
#include <string.h>

#define LINK_ETHERNET 1

/* What is left of the packet. */
typedef struct {
	const guint8 *at;
	guint32 left;
} Rest;

typedef struct {
	const char *name;
	gboolean ports;
	guint8 number;
} Protocol;

static const Protocol protocols[] = {
	{ "ICMP", FALSE, 1 },	{ "IGMP", FALSE, 2 },	 { "IPIP", FALSE, 4 },
	{ "TCP", TRUE, 6 },	{ "UDP", TRUE, 17 },	 { "DCCP", TRUE, 33 },
	{ "IPv6", FALSE, 41 },	{ "GRE", FALSE, 47 },	 { "ESP", FALSE, 50 },
	{ "AH", FALSE, 51 },	{ "ICMPv6", FALSE, 58 }, { "OSPF", FALSE, 89 },
	{ "VRRP", FALSE, 112 }, { "SCTP", TRUE, 132 },	 { "UDP-Lite", TRUE, 136 },
};

static const struct {
	guint16 number;
	const char *name;
} ether_types[] = {
	{ 0x0806, "ARP" },  { 0x8035, "RARP" },	   { 0x88cc, "LLDP" },
	{ 0x8847, "MPLS" }, { 0x8863, "PPPoE-D" }, { 0x8864, "PPPoE" },
	{ 0x8809, "Slow" }, { 0x88f7, "PTP" },	   { 0x888e, "EAPOL" },
};

static gboolean skip(Rest *rest, guint32 bytes)
{
	if (bytes > rest->left)
		return FALSE;
	rest->at += bytes;
	rest->left -= bytes;
	return TRUE;
}

static guint16 word_at(const guint8 *at)
{
	return (guint16)(at[0] << 8 | at[1]);
}

static void append_mac(GString *out, const guint8 *mac)
{
	for (guint i = 0; i < 6; i++)
		g_string_append_printf(out, "%s%02x", i ? ":" : "", mac[i]);
}

static void append_address(GString *out, int family, const guint8 *address, gint port)
{
	char text[INET6_ADDRSTRLEN] = "";
	gboolean brackets = family == AF_INET6 && port >= 0;

	inet_ntop(family, address, text, sizeof(text));
	g_string_append_printf(out, "%s%s%s", brackets ? "[" : "", text, brackets ? "]" : "");
	if (port >= 0)
		g_string_append_printf(out, ":%d", port);
}

static void append_flow(GString *out, int family, const guint8 *source, const guint8 *target,
			guint8 number, const Rest *rest, gboolean first)
{
	const Protocol *protocol = NULL;
	gboolean ports;

	for (gsize i = 0; i < G_N_ELEMENTS(protocols); i++)
		if (protocols[i].number == number)
			protocol = &protocols[i];
	ports = first && protocol && protocol->ports && rest->left >= 4;
	append_address(out, family, source, ports ? word_at(rest->at) : -1);
	g_string_append(out, " > ");
	append_address(out, family, target, ports ? word_at(rest->at + 2) : -1);
	if (protocol)
		g_string_append_printf(out, " %s", protocol->name);
	else
		g_string_append_printf(out, " IP protocol %u", number);
	if (!first)
		g_string_append(out, " fragment");
}

static gboolean append_ipv4(GString *out, Rest rest)
{
	const guint8 *head = rest.at;

	if (rest.left < 20 || head[0] >> 4 != 4 || !skip(&rest, MAX(20, (head[0] & 15U) * 4)))
		return FALSE;
	append_flow(out, AF_INET, head + 12, head + 16, head[9], &rest,
		    (word_at(head + 6) & 0x1fff) == 0);
	return TRUE;
}

/* Hop-by-hop, routing, fragment and destination headers. */
static gboolean append_ipv6(GString *out, Rest rest)
{
	const guint8 *head = rest.at;
	guint8 next;
	gboolean first = TRUE;

	if (rest.left < 40 || head[0] >> 4 != 6)
		return FALSE;
	next = head[6];
	skip(&rest, 40);
	while ((next == 0 || next == 43 || next == 44 || next == 60) && rest.left >= 8) {
		guint32 length = next == 44 ? 8 : (rest.at[1] + 1U) * 8;

		first &= next != 44 || (word_at(rest.at + 2) & 0xfff8) == 0;
		next = rest.at[0];
		if (!skip(&rest, length))
			break;
	}
	append_flow(out, AF_INET6, head + 8, head + 24, next, &rest, first);
	return TRUE;
}

static void append_ether_type(GString *out, guint16 type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(ether_types); i++)
		if (ether_types[i].number == type) {
			g_string_append(out, ether_types[i].name);
			return;
		}
	g_string_append_printf(out, type < 0x600 ? "802.3" : "type 0x%04x", type);
}

static void append_ethernet(GString *out, const PacketLine *packet, Rest rest)
{
	const guint8 *macs = rest.at;
	guint16 type;

	if (!skip(&rest, 14)) {
		g_string_append(out, "cut off");
		return;
	}
	type = word_at(macs + 12);
	if (packet->addresses) {
		append_mac(out, macs + 6);
		g_string_append(out, " > ");
		append_mac(out, macs);
		g_string_append_c(out, ' ');
	}
	while ((type == 0x8100 || type == 0x88a8) && rest.left >= 4) {
		g_string_append_printf(out, "vlan %u ", word_at(rest.at) & 0xfffU);
		type = word_at(rest.at + 2);
		skip(&rest, 4);
	}
	if ((type == 0x0800 && append_ipv4(out, rest)) ||
	    (type == 0x86dd && append_ipv6(out, rest)))
		return;
	if (!packet->addresses) {
		append_mac(out, macs + 6);
		g_string_append(out, " > ");
		append_mac(out, macs);
		g_string_append_c(out, ' ');
	}
	append_ether_type(out, type);
}

void packet_line_append(GString *out, const PacketLine *packet)
{
	const Rest rest = { packet->data, packet->captured_length };

	if (packet->link == LINK_ETHERNET)
		append_ethernet(out, packet, rest);
	else if (!append_ipv4(out, rest) && !append_ipv6(out, rest))
		g_string_append(out, "no IP");
	g_string_append_printf(out, " %u", packet->wire_length);
}

void packet_line_append_bytes(GString *out, const guint8 *data, guint32 length)
{
	for (guint32 begin = 0; begin < length; begin += 16) {
		guint32 count = MIN(length - begin, 16);

		g_string_append_printf(out, "%04x ", begin);
		for (guint32 i = 0; i < 16; i++)
			if (i < count)
				g_string_append_printf(out, " %02x", data[begin + i]);
			else
				g_string_append(out, "   ");
		g_string_append(out, "  ");
		for (guint32 i = 0; i < count; i++)
			g_string_append_c(out, g_ascii_isprint(data[begin + i])
						       ? (char)data[begin + i]
						       : '.');
		g_string_append_c(out, '\n');
	}
}
