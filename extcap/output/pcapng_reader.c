// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcapng_reader.h"

#include <string.h>

#include "pcapng.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	OPT_COMMENT = 1,
	IF_NAME = 2,
};

/* Type and length in front, the length again at the end. */
#define HEAD_SIZE      8
#define AROUND	       12
#define SECTION_SIZE   16 /* of the fixed fields */
#define INTERFACE_SIZE 8
#define PACKET_SIZE    20

typedef struct {
	guint16 link;
	char *name;
} Interface;

struct PcapngReader {
	PcapngTake *take;
	gpointer data;
	GByteArray *pending;
	GPtrArray *interfaces; /* Interface *, of the section */
};

static void interface_free(gpointer data)
{
	Interface *interface = data;

	g_free(interface->name);
	g_free(interface);
}

PcapngReader *pcapng_reader_new(PcapngTake *take, gpointer data)
{
	PcapngReader *reader = g_new0(PcapngReader, 1);

	reader->take = take;
	reader->data = data;
	reader->pending = g_byte_array_new();
	reader->interfaces = g_ptr_array_new_with_free_func(interface_free);
	return reader;
}

void pcapng_reader_free(PcapngReader *reader)
{
	if (!reader)
		return;
	g_byte_array_unref(reader->pending);
	g_ptr_array_unref(reader->interfaces);
	g_free(reader);
}

static guint32 word_at(const guint8 *at)
{
	guint32 word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* The first option of that code, as text; "" if there is none. Free with g_free(). */
static char *find_text(const guint8 *options, gsize size, guint16 wanted)
{
	while (size >= 2 * sizeof(guint16)) {
		guint16 code, length;
		gsize padded;

		memcpy(&code, options, sizeof(code));
		memcpy(&length, options + sizeof(code), sizeof(length));
		padded = 4 + (((gsize)length + 3) & ~(gsize)3);
		if (code == 0 || padded > size)
			break;
		if (code == wanted)
			return g_strndup((const char *)options + 4, length);
		options += padded;
		size -= padded;
	}
	return g_strdup("");
}

static gboolean take_interface(const PcapngReader *reader, const guint8 *body, gsize size)
{
	Interface *interface;

	if (size < INTERFACE_SIZE)
		return FALSE;
	interface = g_new0(Interface, 1);
	memcpy(&interface->link, body, sizeof(interface->link));
	interface->name = find_text(body + INTERFACE_SIZE, size - INTERFACE_SIZE, IF_NAME);
	g_ptr_array_add(reader->interfaces, interface);
	return TRUE;
}

static gboolean take_packet(const PcapngReader *reader, const guint8 *body, gsize size)
{
	PcapngRead packet = { 0 };
	const Interface *interface;
	g_autofree char *comment = NULL;
	gsize padded;

	if (size < PACKET_SIZE || word_at(body) >= reader->interfaces->len)
		return FALSE;
	interface = g_ptr_array_index(reader->interfaces, word_at(body));
	packet.captured_length = word_at(body + 12);
	padded = ((gsize)packet.captured_length + 3) & ~(gsize)3;
	if (padded > size - PACKET_SIZE)
		return FALSE;
	comment = find_text(body + PACKET_SIZE + padded, size - PACKET_SIZE - padded, OPT_COMMENT);
	packet.link = interface->link;
	packet.interface = interface->name;
	packet.comment = comment;
	packet.time = (guint64)word_at(body + 4) << 32 | word_at(body + 8);
	packet.wire_length = word_at(body + 16);
	packet.data = body + PACKET_SIZE;
	reader->take(&packet, reader->data);
	return TRUE;
}

static gboolean take_block(const PcapngReader *reader, guint32 type, const guint8 *body, gsize size)
{
	switch (type) {
	case BLOCK_SECTION:
		g_ptr_array_set_size(reader->interfaces, 0);
		return size >= SECTION_SIZE;
	case BLOCK_INTERFACE:
		return take_interface(reader, body, size);
	case BLOCK_PACKET:
		return take_packet(reader, body, size);
	default:
		return TRUE;
	}
}

gboolean pcapng_reader_feed(PcapngReader *reader, const guint8 *bytes, gsize length)
{
	const GByteArray *pending = reader->pending;
	gsize done = 0;
	gboolean good = TRUE;

	g_byte_array_append(reader->pending, bytes, length);
	while (good && pending->len - done >= HEAD_SIZE) {
		const guint8 *block = pending->data + done;
		gsize size = word_at(block + 4);

		if (size < AROUND || size > PCAPNG_BLOCK_MAX || size % 4 != 0)
			return FALSE;
		if (size > pending->len - done)
			break;
		good = take_block(reader, word_at(block), block + HEAD_SIZE, size - AROUND);
		done += size;
	}
	g_byte_array_remove_range(reader->pending, 0, done);
	return good;
}
