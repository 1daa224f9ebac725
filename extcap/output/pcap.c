// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcap.h"

#include <string.h>

#include "pcapng.h"

#define MAGIC_NANOSECONDS 0xa1b23c4d
#define VERSION_MAJOR	  2
#define VERSION_MINOR	  4

typedef struct {
	guint32 magic;
	guint16 major;
	guint16 minor;
	guint32 reserved[2];
	guint32 snaplen;
	guint32 link;
} Head;

typedef struct {
	guint32 seconds;
	guint32 nanoseconds;
	guint32 captured_length;
	guint32 wire_length;
} Packet;

G_STATIC_ASSERT(sizeof(Head) == 24 && sizeof(Packet) == 16);

void pcap_append_head(GByteArray *out, LinkType link, guint32 snaplen)
{
	const Head head = {
		.magic = MAGIC_NANOSECONDS,
		.major = VERSION_MAJOR,
		.minor = VERSION_MINOR,
		.snaplen = snaplen == 0 ? PCAPNG_SNAPLEN_MAX : MIN(snaplen, PCAPNG_SNAPLEN_MAX),
		.link = link_types[link].number,
	};

	g_byte_array_append(out, (const guint8 *)&head, sizeof(head));
}

void pcap_append_packet(GByteArray *out, guint64 time, guint32 captured_length, guint32 wire_length,
			const void *data)
{
	const Packet packet = { time / 1000000000, time % 1000000000, captured_length,
				wire_length };

	g_byte_array_append(out, (const guint8 *)&packet, sizeof(packet));
	g_byte_array_append(out, data, captured_length);
}

guint64 pcap_count_unwritten(const guint8 *data, gsize length, gsize written, gboolean head,
			     gsize *partial)
{
	gsize begin = 0, end = head ? sizeof(Head) : 0;
	guint64 packets = 0;

	*partial = written < end ? written : 0;
	while (end < length) {
		Packet packet;

		begin = end;
		memcpy(&packet, data + begin, sizeof(packet));
		end += sizeof(packet) + packet.captured_length;
		packets += end > written;
		if (begin < written && end > written)
			*partial = written - begin;
	}
	return packets;
}
