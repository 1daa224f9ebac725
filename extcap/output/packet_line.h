/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a packet is, in a few words: for a terminal without tshark.
 */
#ifndef XDPSHARK_PACKET_LINE_H
#define XDPSHARK_PACKET_LINE_H

#include <glib.h>

typedef struct {
	guint16 link; /* LINKTYPE_ETHERNET or LINKTYPE_RAW */
	const guint8 *data;
	guint32 captured_length;
	guint32 wire_length;
	gboolean addresses; /* those of Ethernet too */
} PacketLine;

/* "10.9.0.1:1000 > 10.9.0.2:53 UDP 60". Nothing is read behind what was captured. */
void packet_line_append(GString *out, const PacketLine *packet);

/* The bytes in hexadecimal and as text, 16 a line. */
void packet_line_append_bytes(GString *out, const guint8 *data, guint32 length);

#endif /* XDPSHARK_PACKET_LINE_H */
