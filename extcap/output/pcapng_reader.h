/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads packets from the pcapng that pcapng.h makes, in host byte order and piece by piece as it
 * comes.
 */
#ifndef XDPSHARK_PCAPNG_READER_H
#define XDPSHARK_PCAPNG_READER_H

#include <glib.h>

typedef struct {
	guint16 link;	       /* LINKTYPE_... */
	const char *interface; /* its name */
	const char *comment;   /* "" if there is none */
	guint64 time;	       /* ns since 1970 UTC */
	guint32 captured_length;
	guint32 wire_length;
	const guint8 *data;
} PcapngRead;

typedef struct PcapngReader PcapngReader;
typedef void PcapngTake(const PcapngRead *packet, gpointer data);

PcapngReader *pcapng_reader_new(PcapngTake *take, gpointer data);
void pcapng_reader_free(PcapngReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PcapngReader, pcapng_reader_free)

/* Takes each packet that is complete now. FALSE if this is no pcapng. */
gboolean pcapng_reader_feed(PcapngReader *reader, const guint8 *bytes, gsize length);

#endif /* XDPSHARK_PCAPNG_READER_H */
