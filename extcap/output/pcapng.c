/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds pcapng blocks. A block or option is begun, filled and ended, so that its length is always
 * that of the bytes appended and never computed separately. Section numbers are those of
 * draft-ietf-opsawg-pcapng.
 */
#include "pcapng.h"

#include <string.h>

/* Section 11.1: block type codes. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};

/* Option codes: section 3.5 (all blocks), 4.1 (shb), 4.2 (if), 4.3 (epb), 4.6 (isb). */
enum {
	OPT_ENDOFOPT = 0,
	OPT_COMMENT = 1,
	SHB_HARDWARE = 2,
	SHB_OS = 3,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_MACADDR = 6,
	IF_SPEED = 8,
	IF_TSRESOL = 9,
	IF_FILTER = 11,
	IF_OS = 12,
	EPB_FLAGS = 2,
	EPB_DROPCOUNT = 4,
	EPB_PACKETID = 5,
	EPB_QUEUE = 6,
	EPB_VERDICT = 7,
	ISB_STARTTIME = 2,
	ISB_ENDTIME = 3,
	ISB_IFRECV = 4,
	ISB_IFDROP = 5,
	ISB_FILTERACCEPT = 6,
	ISB_USRDELIV = 8,
};

#define BYTE_ORDER_MAGIC   0x1a2b3c4d /* section 4.1 */
#define TSRESOL_NANOSECOND 9	      /* 10^-9 s: section 4.2, if_tsresol */
#define FILTER_LIBPCAP	   0	      /* section 4.2, if_filter: the text follows */

/* With three strings the section header stays under 2000 bytes. */
#define SECTION_TEXT_MAX 640
/* With five strings an interface stays under PCAPNG_BLOCK_MAX, and with one a packet block has room
 * for any packet that XDP can see. */
#define TEXT_MAX	 40000

struct PcapngOptions {
	gsize comment;	/* bytes of the comment, which comes first; 0: there is none */
	gsize length;	/* a multiple of 4, the end of options included */
	guint8 bytes[]; /* as they appear in the block */
};

static gsize length_pad(gsize length)
{
	return (length + 3) & ~(gsize)3;
}

static gsize block_begin(GByteArray *out, guint32 type)
{
	const guint32 head[] = { type, 0 };
	gsize start = out->len;

	g_byte_array_append(out, (const guint8 *)head, sizeof(head));
	return start;
}

static void block_end(GByteArray *out, gsize start)
{
	guint32 length = out->len - start + sizeof(length);

	memcpy(out->data + start + sizeof(guint32), &length, sizeof(length));
	g_byte_array_append(out, (const guint8 *)&length, sizeof(length));
}

static gsize option_begin(GByteArray *out, guint16 code)
{
	const guint16 head[] = { code, 0 };
	gsize start = out->len;

	g_byte_array_append(out, (const guint8 *)head, sizeof(head));
	return start;
}

static void option_end(GByteArray *out, gsize start)
{
	static const guint8 zeros[3];
	gsize value_length = out->len - start - 2 * sizeof(guint16);
	guint16 length = value_length;

	memcpy(out->data + start + sizeof(guint16), &length, sizeof(length));
	g_byte_array_append(out, zeros, length_pad(value_length) - value_length);
}

static void option_append(GByteArray *out, guint16 code, gconstpointer value, gsize length)
{
	gsize start = option_begin(out, code);

	g_byte_array_append(out, value, length);
	option_end(out, start);
}

static void option_append_count(GByteArray *out, guint16 code, guint64 count)
{
	option_append(out, code, &count, sizeof(count));
}

/* A time is two words, the upper one first in either byte order (sections 4.3 and 4.6). */
static void option_append_time(GByteArray *out, guint16 code, guint64 time)
{
	const guint32 words[] = { time >> 32, (guint32)time };

	option_append(out, code, words, sizeof(words));
}

static void option_append_end(GByteArray *out)
{
	option_append(out, OPT_ENDOFOPT, NULL, 0);
}

/* Appends text, made valid UTF-8 and cut to max bytes between two characters. */
static void text_append(GByteArray *out, const char *text, gsize max)
{
	g_autofree char *valid = NULL;

	if (!g_utf8_validate(text, -1, NULL)) {
		valid = g_utf8_make_valid(text, -1);
		text = valid;
	}

	gsize length = strlen(text);
	if (length > max) {
		length = max;
		while (length > 0 && ((guchar)text[length] & 0xc0) == 0x80)
			length--;
	}
	g_byte_array_append(out, (const guint8 *)text, length);
}

static void option_append_text(GByteArray *out, guint16 code, const char *text, gsize max)
{
	if (text == NULL || *text == '\0')
		return;

	gsize start = option_begin(out, code);
	text_append(out, text, max);
	option_end(out, start);
}

void pcapng_append_section(GByteArray *out, const PcapngSection *section)
{
	const guint32 magic = BYTE_ORDER_MAGIC;
	const guint16 version[] = { 1, 0 };
	const gint64 length = -1; /* unknown while we stream */
	gsize start = block_begin(out, BLOCK_SECTION);

	g_byte_array_append(out, (const guint8 *)&magic, sizeof(magic));
	g_byte_array_append(out, (const guint8 *)version, sizeof(version));
	g_byte_array_append(out, (const guint8 *)&length, sizeof(length));
	option_append_text(out, SHB_HARDWARE, section->hardware, SECTION_TEXT_MAX);
	option_append_text(out, SHB_OS, section->os, SECTION_TEXT_MAX);
	option_append_text(out, SHB_USERAPPL, section->application, SECTION_TEXT_MAX);
	option_append_end(out);
	block_end(out, start);
}

static guint32 snaplen_clamp(guint32 snaplen)
{
	return snaplen == 0 ? PCAPNG_SNAPLEN_MAX : MIN(snaplen, PCAPNG_SNAPLEN_MAX);
}

static void filter_append(GByteArray *out, const char *filter)
{
	const guint8 type = FILTER_LIBPCAP;

	if (filter == NULL || *filter == '\0')
		return;

	gsize start = option_begin(out, IF_FILTER);
	g_byte_array_append(out, &type, sizeof(type));
	text_append(out, filter, TEXT_MAX);
	option_end(out, start);
}

void pcapng_append_interface(GByteArray *out, const PcapngInterface *interface)
{
	const guint16 link[] = { link_types[interface->link].number, 0 };
	const guint32 snaplen = snaplen_clamp(interface->snaplen);
	const guint8 tsresol = TSRESOL_NANOSECOND;
	gsize start = block_begin(out, BLOCK_INTERFACE);

	g_byte_array_append(out, (const guint8 *)link, sizeof(link));
	g_byte_array_append(out, (const guint8 *)&snaplen, sizeof(snaplen));
	option_append_text(out, IF_NAME, interface->name, TEXT_MAX);
	option_append_text(out, IF_DESCRIPTION, interface->description, TEXT_MAX);
	if (interface->mac != NULL)
		option_append(out, IF_MACADDR, interface->mac, 6);
	if (interface->speed != 0)
		option_append_count(out, IF_SPEED, interface->speed);
	option_append(out, IF_TSRESOL, &tsresol, sizeof(tsresol));
	filter_append(out, interface->filter);
	option_append_text(out, IF_OS, interface->os, TEXT_MAX);
	/* This must be last: scapy up to 2.5.0 ignores an if_tsresol behind it. */
	option_append_text(out, OPT_COMMENT, interface->comment, TEXT_MAX);
	option_append_end(out);
	block_end(out, start);
}

static void verdict_append(GByteArray *out, guint8 kind, gint verdict)
{
	const guint64 value = verdict;
	gsize start = option_begin(out, EPB_VERDICT);

	g_byte_array_append(out, &kind, sizeof(kind));
	g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
	option_end(out, start);
}

PcapngOptions *pcapng_options_new(const SourceType *type, const char *comment, gint64 queue,
				  gint verdict)
{
	return pcapng_options_new_directed(type, type->direction, comment, queue, verdict);
}

PcapngOptions *pcapng_options_new_directed(const SourceType *type, SourceDirection direction,
					   const char *comment, gint64 queue, gint verdict)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	const guint32 flags = direction; /* section 4.3.1, bits 0 and 1 */
	const guint32 queue_number = queue;
	guint16 comment_head[2] = { 0 };

	option_append_text(out, OPT_COMMENT, comment, TEXT_MAX);
	if (out->len > 0)
		memcpy(comment_head, out->data, sizeof(comment_head));
	option_append(out, EPB_FLAGS, &flags, sizeof(flags));
	if (queue >= 0)
		option_append(out, EPB_QUEUE, &queue_number, sizeof(queue_number));
	if (verdict >= 0 && type->verdict_kind != SOURCE_VERDICT_NO_OPTION)
		verdict_append(out, type->verdict_kind, verdict);
	option_append_end(out);

	PcapngOptions *options = g_malloc(sizeof(*options) + out->len);
	options->comment = comment_head[1];
	options->length = out->len;
	memcpy(options->bytes, out->data, out->len);
	return options;
}

void pcapng_options_free(PcapngOptions *options)
{
	g_free(options);
}

/* Seven words: type, length, interface, time (2), captured and wire length. */
#define PACKET_HEAD_SIZE  (7 * sizeof(guint32))
#define COUNT_OPTION_SIZE (2 * sizeof(guint16) + sizeof(guint64))

static guint8 *word_put(guint8 *at, guint32 word)
{
	memcpy(at, &word, sizeof(word));
	return at + sizeof(word);
}

static guint8 *count_put(guint8 *at, guint16 code, guint64 count)
{
	const guint16 head[] = { code, sizeof(count) };

	memcpy(at, head, sizeof(head));
	memcpy(at + sizeof(head), &count, sizeof(count));
	return at + COUNT_OPTION_SIZE;
}

static guint8 *options_put(guint8 *at, const PcapngPacket *packet)
{
	const PcapngOptions *options = packet->options;
	const gsize own = packet->words_length;
	guint16 head[] = { OPT_COMMENT, (guint16)(options->comment + own) };
	gsize begin = sizeof(head) + options->comment;

	if (own == 0 || options->comment == 0) {
		memcpy(at, options->bytes, options->length);
		return at + options->length;
	}
	/* Pad first, as below. */
	memset(at + length_pad(begin + own) - 4, 0, 4);
	memcpy(at, head, sizeof(head));
	memcpy(at + sizeof(head), options->bytes + sizeof(head), options->comment);
	memcpy(at + begin, packet->words, own);
	at += length_pad(begin + own);
	begin = length_pad(begin);
	memcpy(at, options->bytes + begin, options->length - begin);
	return at + options->length - begin;
}

static guint8 *data_put(guint8 *at, const void *data, guint32 length)
{
	const gsize padded = length_pad(length);

	if (length == 0)
		return at;
	/* Pad first, so that there is no branch on how much padding there is. */
	memset(at + padded - 4, 0, 4);
	memcpy(at, data, length);
	return at + padded;
}

/* Called for every packet: reserves room for the longest form once, and trims the end. */
void pcapng_append_packet(GByteArray *out, const PcapngPacket *packet)
{
	const gsize around = PACKET_HEAD_SIZE + 2 * COUNT_OPTION_SIZE + packet->options->length +
			     length_pad(packet->words_length) + sizeof(guint32);
	const guint32 captured = MIN(packet->captured_length, PCAPNG_BLOCK_MAX - around);
	const gsize start = out->len;

	g_byte_array_set_size(out, start + around + length_pad(captured));
	guint8 *block = out->data + start;
	guint8 *at = data_put(block + PACKET_HEAD_SIZE, packet->data, captured);
	if (packet->dropped != 0)
		at = count_put(at, EPB_DROPCOUNT, packet->dropped);
	at = count_put(at, EPB_PACKETID, packet->packet_id);
	at = options_put(at, packet);

	/* Write words rather than fill a struct and copy it: wide loads after narrow stores would
	 * stall the processor for as long as all the rest takes. */
	const guint32 length = at - block + sizeof(guint32);
	word_put(at, length);
	block = word_put(block, BLOCK_PACKET);
	block = word_put(block, length);
	block = word_put(block, packet->interface);
	block = word_put(block, packet->time >> 32);
	block = word_put(block, (guint32)packet->time);
	block = word_put(block, captured);
	word_put(block, packet->wire_length);
	out->len = start + length;
}

void pcapng_append_statistics(GByteArray *out, const PcapngStatistics *statistics)
{
	const guint32 fixed[] = { statistics->interface, statistics->time >> 32,
				  (guint32)statistics->time };
	gsize start = block_begin(out, BLOCK_STATISTICS);

	g_byte_array_append(out, (const guint8 *)fixed, sizeof(fixed));
	option_append_time(out, ISB_STARTTIME, statistics->start);
	option_append_time(out, ISB_ENDTIME, statistics->end);
	if (!statistics->only_delivered) {
		option_append_count(out, ISB_IFRECV, statistics->received);
		option_append_count(out, ISB_IFDROP, statistics->dropped);
		option_append_count(out, ISB_FILTERACCEPT, statistics->accepted);
	}
	option_append_count(out, ISB_USRDELIV, statistics->delivered);
	if (!statistics->only_delivered)
		option_append_text(out, OPT_COMMENT, statistics->comment, TEXT_MAX);
	option_append_text(out, OPT_COMMENT, statistics->changes, TEXT_MAX);
	option_append_end(out);
	block_end(out, start);
}

/* Walks the blocks from the end, where each has its length (section 3.1): the beginning of the
 * first block may be missing. That block is a packet, since everything before the packets is
 * written in one go. */
guint64 pcapng_count_unwritten(const guint8 *data, gsize length, gsize written, gsize *ret_partial)
{
	guint64 packets = 0;
	gsize end = length;

	*ret_partial = 0;
	while (end > written) {
		guint32 block, type = BLOCK_PACKET;

		memcpy(&block, data + end - sizeof(block), sizeof(block));
		if (block <= end)
			memcpy(&type, data + end - block, sizeof(type));
		packets += type == BLOCK_PACKET;
		if (end < block + written)
			*ret_partial = block + written - end;
		end = end > block ? end - block : 0;
	}
	return packets;
}

guint64 pcapng_append_heads(GByteArray *out, const guint8 *data, gsize length)
{
	guint64 packets = 0;

	for (gsize at = 0; at < length;) {
		guint32 head[2]; /* type and length */

		memcpy(head, data + at, sizeof(head));
		if (head[0] == BLOCK_PACKET)
			packets++;
		else
			g_byte_array_append(out, data + at, head[1]);
		at += head[1];
	}
	return packets;
}
