/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds pcapng blocks (draft-ietf-opsawg-pcapng) in memory, in host byte order. No I/O: every
 * function appends one whole block to a byte array. docs/pcapng.md explains what is written and
 * why.
 */
#ifndef XDPSHARK_PCAPNG_H
#define XDPSHARK_PCAPNG_H

#include <glib.h>

#include "link_type.h"
#include "source_type.h"

/* The longest block that dumpcap accepts, and the largest snaplen that tcpdump does (libpcap's
 * MAXIMUM_SNAPLEN). */
#define PCAPNG_BLOCK_MAX   262144
#define PCAPNG_SNAPLEN_MAX 262144

/* For strings in all blocks, NULL or "" leaves the option out, invalid UTF-8 is replaced by U+FFFD,
 * and a string that is too long for its block is cut between two characters. */

/* Section Header Block. Limited to 640 bytes of each string, so that the block stays under 2000
 * bytes: dumpcap 4.0.17 aborts on more than 2048. */
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
	guint32 snaplen;   /* 0 for no limit, or more than PCAPNG_SNAPLEN_MAX: PCAPNG_SNAPLEN_MAX */
	LinkType link;
} PcapngInterface;

void pcapng_append_interface(GByteArray *out, const PcapngInterface *interface);

/* Options that many packets share, encoded once. */
typedef struct PcapngOptions PcapngOptions;

/* comment: NULL, or up to 40,000 bytes. queue: negative if unknown. verdict: the number for
 * epb_verdict, or negative to leave the option out. The kind of verdict and the direction come from
 * the type. */
PcapngOptions *pcapng_options_new(const SourceType *type, const char *comment, gint64 queue,
				  gint verdict);
/* The same for packets of a direction that is not the type's. */
PcapngOptions *pcapng_options_new_directed(const SourceType *type, SourceDirection direction,
					   const char *comment, gint64 queue, gint verdict);
void pcapng_options_free(PcapngOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PcapngOptions, pcapng_options_free)

/* Of a packet's own words in its comment: ASCII or UTF-8, no more bytes than this. */
#define PCAPNG_WORDS_MAX 512

/* Enhanced Packet Block. */
typedef struct {
	guint32 interface;	 /* index of the interface in the section */
	guint64 time;		 /* ns since 1970 UTC */
	guint32 captured_length; /* at most wire_length; reduced if the block would exceed
				    PCAPNG_BLOCK_MAX */
	guint32 wire_length;
	const void *data; /* captured_length bytes */
	guint64 packet_id;
	guint64 dropped; /* lost since the last packet of this interface; 0 leaves the option out */
	const PcapngOptions *options; /* not NULL */
	const char *words;	      /* put behind the options' comment, if they have one */
	gsize words_length;	      /* at most PCAPNG_WORDS_MAX */
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
	gboolean only_delivered; /* the other counts are not known for this interface */
	const char *comment;	 /* or NULL; neither with only_delivered */
	const char *changes;	 /* another comment, or NULL */
} PcapngStatistics;

void pcapng_append_statistics(GByteArray *out, const PcapngStatistics *statistics);

/* For a write that ended early: only the first `written` bytes of data were written. data ends with
 * a whole block, but may begin within one whose other bytes were written before. Returns how many
 * packets were not written completely. *ret_partial: how many bytes were written of the block in
 * which the write ended; 0 if it ended between two blocks. */
guint64 pcapng_count_unwritten(const guint8 *data, gsize length, gsize written, gsize *ret_partial);

/* Appends the blocks of data, whole ones, that are no packets: later packets need what they say.
 * Returns how many packets were left out. */
guint64 pcapng_append_heads(GByteArray *out, const guint8 *data, gsize length);

#endif /* XDPSHARK_PCAPNG_H */
