/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds pcapng blocks (draft-ietf-opsawg-pcapng) in memory, in host byte order. No I/O: every
 * function appends one whole block to a byte array. docs/pcapng.md tells what is written and why.
 */
#ifndef XDPSHARK_PCAPNG_H
#define XDPSHARK_PCAPNG_H

#include <glib.h>

#include "link_type.h"
#include "source_type.h"

/* No block is longer, or dumpcap refuses the stream; also the largest snaplen that tcpdump takes
 * (libpcap's MAXIMUM_SNAPLEN). */
#define PCAPNG_BLOCK_MAX   262144
#define PCAPNG_SNAPLEN_MAX 262144

/* Strings of all blocks: NULL or "" leaves the option out, what is not UTF-8 is replaced by U+FFFD,
 * and what is too long for its block is cut between two characters. */

/* Section Header Block. The block stays under 2000 bytes (dumpcap 4.0.17 aborts over 2048): up to
 * 640 bytes of each string. */
typedef struct {
	const char *hardware;
	const char *os;
	const char *application;
} PcapngSection;

void pcapng_append_section(GByteArray *out, const PcapngSection *section);

/* Interface Description Block, times in ns. Up to 40,000 bytes of each
 * string. */
typedef struct {
	const char *name;
	const char *description;
	const char *filter; /* as the user typed it */
	const char *os;
	const char *comment;
	const guint8 *mac; /* 6 bytes, or NULL */
	guint64 speed;	   /* bits a second, 0 when unknown */
	guint32 snaplen;   /* over PCAPNG_SNAPLEN_MAX, or 0 for no limit: PCAPNG_SNAPLEN_MAX */
	LinkType link;
} PcapngInterface;

void pcapng_append_interface(GByteArray *out, const PcapngInterface *interface);

/* The options that all packets of one kind share, encoded once. */
typedef struct PcapngOptions PcapngOptions;

/* comment: may be NULL, up to 40,000 bytes; queue: negative when unknown; verdict: the number
 * for epb_verdict, negative to leave the option out. What kind of verdict it is, and the direction,
 * are the type's. */
PcapngOptions *pcapng_options_new(const SourceType *type, const char *comment, gint64 queue,
				  gint verdict);
void pcapng_options_free(PcapngOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PcapngOptions, pcapng_options_free)

/* Enhanced Packet Block. */
typedef struct {
	guint32 interface;	 /* index of the interface in the section */
	guint64 time;		 /* ns since 1970 UTC */
	guint32 captured_length; /* at most wire_length; reduced where the block would be longer
				    than PCAPNG_BLOCK_MAX */
	guint32 wire_length;
	const void *data; /* captured_length bytes */
	guint64 packet_id;
	guint64 dropped; /* lost since the last packet of this interface; the option appears if not
			    0 */
	const PcapngOptions *options; /* not NULL */
} PcapngPacket;

void pcapng_append_packet(GByteArray *out, const PcapngPacket *packet);

/* Interface Statistics Block: exactly one for each interface, at the end. */
typedef struct {
	guint32 interface;
	guint64 time; /* of this block, ns since 1970 UTC, like start and end */
	guint64 start;
	guint64 end;
	guint64 received;
	guint64 dropped;
	guint64 accepted;	 /* by the filter */
	guint64 delivered;	 /* to the user */
	gboolean only_delivered; /* the other counts are not known of this interface */
	const char *comment;	 /* or NULL; not with only_delivered */
} PcapngStatistics;

void pcapng_append_statistics(GByteArray *out, const PcapngStatistics *statistics);

/* Where writing has ended early: of data, blocks that end where it ends, only the first `written`
 * bytes were written (data may begin within a block, of which the bytes before were written, too).
 * Returns how many packets were not written whole; *partial is how many bytes were written of the
 * block where it ended, 0 between two blocks. */
guint64 pcapng_count_unwritten(const guint8 *data, gsize length, gsize written, gsize *partial);

#endif /* XDPSHARK_PCAPNG_H */
