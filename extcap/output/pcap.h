/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the older format of capture files (draft-ietf-opsawg-pcap), with times in ns, in host byte
 * order. It has one link type, and room for nothing but packets.
 */
#ifndef XDPSHARK_PCAP_H
#define XDPSHARK_PCAP_H

#include <glib.h>

#include "link_type.h"

/* snaplen: 0 for no limit. */
void pcap_append_head(GByteArray *out, LinkType link, guint32 snaplen);

/* time: ns since 1970 UTC. */
void pcap_append_packet(GByteArray *out, guint64 time, guint32 captured_length, guint32 wire_length,
			const void *data);

/* As pcapng_count_unwritten(), for data that begins with a whole packet, or with the head of a
 * file.
 */
guint64 pcap_count_unwritten(const guint8 *data, gsize length, gsize written, gboolean head,
			     gsize *partial);

#endif /* XDPSHARK_PCAP_H */
