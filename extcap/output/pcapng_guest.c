// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blocks are made anew from what is known to be valid, rather than checked and copied. Section
 * numbers are those of draft-ietf-opsawg-pcapng.
 */
#include "pcapng_guest.h"

#include <string.h>

#include "guest_option.h"
#include "link_type.h"
#include "pcapng.h"

/* Sections 11.1 and 4.1. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};

enum { OPT_ENDOFOPT = 0, ISB_USRDELIV = 8, IF_TSRESOL = 9 };
#define TSRESOL_NANOSECOND 9

#define HEAD_SIZE	8 /* type and length */
#define AROUND		12
#define SECTION_SIZE	16
#define INTERFACE_SIZE	8
#define PACKET_SIZE	20
#define STATISTICS_SIZE 12
#define OPTION_HEAD	4

/* 512 hooks, each with entry and exit, and two link types. */
#define INTERFACES_MAX 2048

typedef struct {
	GByteArray *description; /* a whole block */
	GByteArray *statistics;	 /* without the count of packets written; NULL: none came */
} Interface;

struct PcapngGuest {
	GuestOrigin origin;
	GByteArray *pending;
	gsize done; /* of pending */
	guint64 taken;
	gboolean begun;
	gboolean failed;
	GPtrArray *interfaces; /* Interface * */
	/* the packet that next() has found: a block of pending */
	gsize packet_size; /* 0: none */
};

G_DEFINE_QUARK(xdpshark - pcapng - guest - error, pcapng_guest_error)

static void interface_free(gpointer data)
{
	Interface *interface = data;

	if (interface->description)
		g_byte_array_unref(interface->description);
	if (interface->statistics)
		g_byte_array_unref(interface->statistics);
	g_free(interface);
}

PcapngGuest *pcapng_guest_new(const char *host)
{
	PcapngGuest *guest = g_new0(PcapngGuest, 1);

	guest->origin.host = g_strdup(host);
	guest->pending = g_byte_array_new();
	guest->interfaces = g_ptr_array_new_with_free_func(interface_free);
	return guest;
}

void pcapng_guest_free(PcapngGuest *guest)
{
	if (!guest)
		return;
	g_byte_array_unref(guest->pending);
	g_ptr_array_unref(guest->interfaces);
	g_free(guest->origin.host);
	g_free(guest);
}

void pcapng_guest_feed(PcapngGuest *guest, const guint8 *bytes, gsize length)
{
	if (guest->failed)
		return;
	/* Moved together when most of it is done, so that each byte is moved about once. */
	if (guest->done > guest->pending->len / 2) {
		g_byte_array_remove_range(guest->pending, 0, guest->done);
		guest->done = 0;
	}
	g_byte_array_append(guest->pending, bytes, length);
}

guint64 pcapng_guest_taken(const PcapngGuest *guest)
{
	return guest->taken;
}

gsize pcapng_guest_waiting(const PcapngGuest *guest)
{
	return guest->pending->len - guest->done;
}

gboolean pcapng_guest_has_begun(const PcapngGuest *guest)
{
	return guest->begun;
}

guint pcapng_guest_interfaces(const PcapngGuest *guest)
{
	return guest->interfaces->len;
}

static void append_word(GByteArray *out, guint32 word)
{
	g_byte_array_append(out, (const guint8 *)&word, sizeof(word));
}

static gsize block_begin(GByteArray *out, guint32 type)
{
	append_word(out, type);
	append_word(out, 0);
	return out->len - HEAD_SIZE;
}

static void block_end(GByteArray *out, gsize start)
{
	guint32 length = out->len - start + sizeof(length);

	memcpy(out->data + start + sizeof(guint32), &length, sizeof(length));
	append_word(out, length);
}

static gboolean take_section(PcapngGuest *guest, const guint8 *body, gsize size)
{
	if (guest->begun || size < SECTION_SIZE || guest_half(&guest->origin, body + 4) != 1)
		return FALSE;
	guest->begun = TRUE;
	return TRUE;
}

static gboolean is_link(guint16 number)
{
	for (guint link = 0; link < LINK_TYPES; link++)
		if (link_types[link].number == number)
			return TRUE;
	return FALSE;
}

/* The resolution of times is there; is it that of ours? */
static gboolean has_nanoseconds(const GByteArray *block)
{
	const guint8 *at = block->data + HEAD_SIZE + INTERFACE_SIZE;
	const guint8 *end = block->data + block->len;

	while (end - at > OPTION_HEAD) {
		guint16 head[2];

		memcpy(head, at, sizeof(head));
		if (head[0] == IF_TSRESOL)
			return at[OPTION_HEAD] == TSRESOL_NANOSECOND;
		at += OPTION_HEAD + ((head[1] + 3U) & ~3U);
	}
	return FALSE;
}

static gboolean take_interface(PcapngGuest *guest, const guint8 *body, gsize size)
{
	Interface *interface;
	guint16 link[2] = { 0 };
	guint32 snaplen, seen;
	gsize start;

	if (size < INTERFACE_SIZE || guest->interfaces->len >= INTERFACES_MAX)
		return FALSE;
	link[0] = guest_half(&guest->origin, body);
	snaplen = guest_word(&guest->origin, body + 4);
	if (!is_link(link[0]) || snaplen == 0 || snaplen > PCAPNG_SNAPLEN_MAX)
		return FALSE;
	interface = g_new0(Interface, 1);
	interface->description = g_byte_array_new();
	start = block_begin(interface->description, BLOCK_INTERFACE);
	g_byte_array_append(interface->description, (const guint8 *)link, sizeof(link));
	append_word(interface->description, snaplen);
	if (!guest_options_append(&guest->origin, interface->description, GUEST_INTERFACE,
				  body + INTERFACE_SIZE, size - INTERFACE_SIZE, &seen) ||
	    !(seen >> IF_TSRESOL & 1) || !has_nanoseconds(interface->description)) {
		interface_free(interface);
		return FALSE;
	}
	guest_option_append(interface->description, OPT_ENDOFOPT, NULL, 0);
	block_end(interface->description, start);
	g_ptr_array_add(guest->interfaces, interface);
	return TRUE;
}

static gboolean take_statistics(const PcapngGuest *guest, const guint8 *body, gsize size)
{
	Interface *interface;
	GByteArray *out;
	guint32 seen;

	if (size < STATISTICS_SIZE || guest_word(&guest->origin, body) >= guest->interfaces->len)
		return FALSE;
	interface = g_ptr_array_index(guest->interfaces, guest_word(&guest->origin, body));
	/* They were found before, perhaps. */
	if (interface->statistics)
		g_byte_array_unref(interface->statistics);
	out = g_byte_array_new();
	interface->statistics = out;
	block_begin(out, BLOCK_STATISTICS);
	append_word(out, 0);
	append_word(out, guest_word(&guest->origin, body + 4));
	append_word(out, guest_word(&guest->origin, body + 8));
	if (guest_options_append(&guest->origin, out, GUEST_STATISTICS, body + STATISTICS_SIZE,
				 size - STATISTICS_SIZE, &seen))
		return TRUE;
	g_clear_pointer(&interface->statistics, g_byte_array_unref);
	return FALSE;
}

/* The time of a packet that could be one; 0: it is none. */
static guint64 check_packet(const PcapngGuest *guest, const guint8 *body, gsize size)
{
	guint32 captured;
	guint64 time;

	if (size < PACKET_SIZE || guest_word(&guest->origin, body) >= guest->interfaces->len)
		return 0;
	captured = guest_word(&guest->origin, body + 12);
	time = (guint64)guest_word(&guest->origin, body + 4) << 32 |
	       guest_word(&guest->origin, body + 8);
	if (captured > PCAPNG_SNAPLEN_MAX || captured > guest_word(&guest->origin, body + 16) ||
	    (((gsize)captured + 3) & ~(gsize)3) > size - PACKET_SIZE || time > G_MAXINT64)
		return 0;
	return time;
}

/* Anything but a packet. */
static gboolean take_block(PcapngGuest *guest, guint32 type, const guint8 *body, gsize size)
{
	switch (type) {
	case BLOCK_SECTION:
		return take_section(guest, body, size);
	case BLOCK_INTERFACE:
		return take_interface(guest, body, size);
	case BLOCK_STATISTICS:
		return take_statistics(guest, body, size);
	default:
		return TRUE;
	}
}

#define SHOWN_MAX 60

/* Whatever it is, the beginning of it helps: an error of a shell, say. */
static void fail(PcapngGuest *guest, GError **error)
{
	const guint8 *at = guest->pending->data + guest->done;
	gsize length = 0;

	while (length < pcapng_guest_waiting(guest) && length < SHOWN_MAX && at[length] >= ' ' &&
	       at[length] < 0x7f)
		length++;
	if (!guest->begun && length > 0)
		g_set_error(error, PCAPNG_GUEST_ERROR, 0,
			    "what comes from there is no capture, but begins with '%.*s' (do "
			    "startup files of its shell print something?)",
			    (int)length, (const char *)at);
	else
		g_set_error(error, PCAPNG_GUEST_ERROR, 0,
			    "what comes from there is no capture of xdpshark's, or is damaged");
	guest->failed = TRUE;
	g_byte_array_set_size(guest->pending, 0);
	guest->done = 0;
}

static void skip(PcapngGuest *guest, gsize size)
{
	guest->done += size;
	guest->taken += size;
}

/* The section's magic decides on the byte order of its own length. FALSE if it is none. */
static gboolean find_byte_order(PcapngGuest *guest, const guint8 *block)
{
	guint32 type, magic;

	memcpy(&type, block, sizeof(type));
	memcpy(&magic, block + HEAD_SIZE, sizeof(magic));
	guest->origin.swapped = magic == GUINT32_SWAP_LE_BE(BYTE_ORDER_MAGIC);
	return type == BLOCK_SECTION && (guest->origin.swapped || magic == BYTE_ORDER_MAGIC);
}

gboolean pcapng_guest_next(PcapngGuest *guest, guint *ret_interface, guint64 *ret_time,
			   GError **error)
{
	guest->packet_size = 0;
	while (!guest->failed && pcapng_guest_waiting(guest) >= AROUND) {
		const guint8 *block = guest->pending->data + guest->done;
		gsize size;
		guint32 type;
		gboolean good = guest->begun || find_byte_order(guest, block);

		type = guest_word(&guest->origin, block);
		size = guest_word(&guest->origin, block + 4);
		good = good && size >= AROUND && size <= PCAPNG_BLOCK_MAX && size % 4 == 0;
		if (good && size > pcapng_guest_waiting(guest))
			return FALSE;
		good = good && guest_word(&guest->origin, block + size - 4) == size;
		if (good && type == BLOCK_PACKET) {
			*ret_time = check_packet(guest, block + HEAD_SIZE, size - AROUND);
			*ret_interface =
				*ret_time ? guest_word(&guest->origin, block + HEAD_SIZE) : 0;
			guest->packet_size = *ret_time ? size : 0;
			if (*ret_time)
				return TRUE;
			good = FALSE;
		}
		if (!good || !take_block(guest, type, block + HEAD_SIZE, size - AROUND)) {
			fail(guest, error);
			return FALSE;
		}
		skip(guest, size);
	}
	return FALSE;
}

void pcapng_guest_take(PcapngGuest *guest, GByteArray *out, guint32 number)
{
	const guint8 *body = guest->pending->data + guest->done + HEAD_SIZE;
	gsize size = guest->packet_size - AROUND;
	guint32 captured = guest_word(&guest->origin, body + 12), seen;
	gsize padded = ((gsize)captured + 3) & ~(gsize)3;
	gsize start = block_begin(out, BLOCK_PACKET);

	append_word(out, number);
	for (gsize at = 4; at < PACKET_SIZE; at += sizeof(guint32))
		append_word(out, guest_word(&guest->origin, body + at));
	g_byte_array_append(out, body + PACKET_SIZE, padded);
	/* Options that are damaged are left out from there on. */
	(void)guest_options_append(&guest->origin, out, GUEST_PACKET, body + PACKET_SIZE + padded,
				   size - PACKET_SIZE - padded, &seen);
	guest_option_append(out, OPT_ENDOFOPT, NULL, 0);
	block_end(out, start);
	/* The host's name may be what is too much. */
	if (out->len - start > PCAPNG_BLOCK_MAX)
		g_byte_array_set_size(out, start);
	skip(guest, guest->packet_size);
	guest->packet_size = 0;
}

void pcapng_guest_find_statistics(PcapngGuest *guest)
{
	gsize at = guest->done;

	while (guest->begun && guest->pending->len - at >= AROUND) {
		const guint8 *block = guest->pending->data + at;
		gsize size = guest_word(&guest->origin, block + 4);

		if (size < AROUND || size % 4 != 0 || size > guest->pending->len - at)
			return;
		if (guest_word(&guest->origin, block) == BLOCK_STATISTICS &&
		    !take_statistics(guest, block + HEAD_SIZE, size - AROUND))
			return;
		at += size;
	}
}

void pcapng_guest_append_interface(const PcapngGuest *guest, GByteArray *out, guint interface)
{
	const Interface *one = g_ptr_array_index(guest->interfaces, interface);

	g_byte_array_append(out, one->description->data, one->description->len);
}

gboolean pcapng_guest_append_statistics(const PcapngGuest *guest, GByteArray *out, guint interface,
					guint32 number, guint64 delivered)
{
	const Interface *one = g_ptr_array_index(guest->interfaces, interface);
	gsize start = out->len;

	if (!one->statistics)
		return FALSE;
	g_byte_array_append(out, one->statistics->data, one->statistics->len);
	memcpy(out->data + start + HEAD_SIZE, &number, sizeof(number));
	guest_option_append(out, ISB_USRDELIV, &delivered, sizeof(delivered));
	guest_option_append(out, OPT_ENDOFOPT, NULL, 0);
	block_end(out, start);
	return TRUE;
}
