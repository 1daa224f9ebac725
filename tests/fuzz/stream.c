// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: hostile names of hooks, programs and devices, hostile filters and packets, in
 * what a capture writes. The file is always whole: its lengths fit, its texts are UTF-8, libpcap
 * reads each packet back, and the comment says to the dissector what it was made of.
 */
#include <glib.h>
#include <pcap/pcap.h>
#include <string.h>

#include "dissector/parsed_comment.h"
#include "fuzz.h"
#include "stream.h"

#define BLOCK_MAX 262144

/* The input: fields divided by ends of line, the last of which is the packet's bytes. */
enum { FIELD_PATH, FIELD_PROGRAM, FIELD_DEVICE, FIELD_FILTER, FIELD_COMMENT, FIELD_PACKET, FIELDS };

static guint32 word_at(const guint8 *bytes)
{
	guint32 word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Reads an option and returns its whole size. */
static gsize read_option(const guint8 *at, gsize left, guint16 *code, guint16 *length)
{
	gsize whole;

	FUZZ_CHECK(left >= 4);
	memcpy(code, at, sizeof(*code));
	memcpy(length, at + 2, sizeof(*length));
	whole = 4 + (((gsize)*length + 3) & ~(gsize)3);
	FUZZ_CHECK(whole <= left);
	return whole;
}

/* Up to the end of options, which ends the block's body. Returns the comment. */
static char *read_options(const guint8 *at, gsize left)
{
	char *comment = NULL;
	guint16 code = 1, length;

	while (code != 0) {
		gsize whole = read_option(at, left, &code, &length);

		if (code == 1) {
			FUZZ_CHECK(!comment && g_utf8_validate((const char *)at + 4, length, NULL));
			comment = g_strndup((const char *)at + 4, length);
		}
		at += whole;
		left -= whole;
	}
	FUZZ_CHECK(left == 0);
	return comment;
}

/* What a text becomes in a file. */
static gboolean text_is(const char *read, const char *written, gsize most)
{
	g_autofree char *valid = g_utf8_make_valid(written, -1);

	/* What is longer than any real one the dissector leaves alone. */
	return *written == '\0' ? read == NULL
				: strlen(written) > most || g_strcmp0(read, valid) == 0;
}

static void check_comment(const char *text, GStrv fields)
{
	g_autoptr(ParsedComment) comment = parsed_comment_new(text, strlen(text));

	if (strlen(fields[FIELD_PATH]) > 4096 || strlen(fields[FIELD_PROGRAM]) > 512 ||
	    strlen(fields[FIELD_DEVICE]) > 128)
		return;
	FUZZ_CHECK(comment && comment->action == 1 && comment->queue.value == 3);
	FUZZ_CHECK(text_is(comment->hook, fields[FIELD_PATH], 4096));
	FUZZ_CHECK(text_is(comment->program, fields[FIELD_PROGRAM], 512));
	FUZZ_CHECK(text_is(comment->interface, fields[FIELD_DEVICE], 128));
	FUZZ_CHECK(comment->program_id.known && comment->program_id.value == 812);
}

/* Where the options begin in a block, by its type: those of sections, interfaces, statistics and
 * packets. */
static gsize options_start(const guint8 *block)
{
	switch (word_at(block)) {
	case 1:
		return 16;
	case 5:
		return 20;
	case 6:
		return 28 + ((word_at(block + 20) + 3) & ~(gsize)3);
	default:
		return 24;
	}
}

static void check_blocks(const GByteArray *out, GStrv fields)
{
	for (gsize at = 0; at < out->len;) {
		const guint8 *block = out->data + at;
		guint32 length;
		g_autofree char *comment = NULL;

		FUZZ_CHECK(out->len - at >= 12);
		length = word_at(block + 4);
		FUZZ_CHECK(length % 4 == 0 && length <= out->len - at && length <= BLOCK_MAX);
		FUZZ_CHECK(word_at(block + length - 4) == length);
		comment = read_options(block + options_start(block),
				       length - options_start(block) - 4);
		if (word_at(block) == 6)
			check_comment(comment, fields);
		at += length;
	}
}

static void check_readable(const GByteArray *out, const RingPacket *packet)
{
	char reason[PCAP_ERRBUF_SIZE];
	FILE *file = fmemopen(out->data, out->len, "r");
	pcap_t *pcap = pcap_fopen_offline(file, reason);
	struct pcap_pkthdr *header;
	const u_char *bytes;

	FUZZ_CHECK(pcap && pcap_next_ex(pcap, &header, &bytes) == 1);
	FUZZ_CHECK(header->caplen == packet->captured_length && header->len == packet->wire_length);
	FUZZ_CHECK(header->caplen == 0 || memcmp(bytes, packet->data, header->caplen) == 0);
	FUZZ_CHECK(pcap_next_ex(pcap, &header, &bytes) == PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

static Point *make_hook(GStrv fields)
{
	Point *hook = point_new(&source_hook);
	PointProgram *program = g_new0(PointProgram, 1);
	PointDevice *device = g_new0(PointDevice, 1);

	hook->address = g_strdup(fields[FIELD_PATH]);
	hook->name = g_path_get_basename(fields[FIELD_PATH]);
	program->id = 812;
	program->name = g_strdup(fields[FIELD_PROGRAM]);
	g_ptr_array_add(hook->programs, program);
	device->ifindex = 2;
	device->name = g_strdup(fields[FIELD_DEVICE]);
	device->program_id = program->id;
	g_ptr_array_add(hook->devices, device);
	return hook;
}

/* That of a device of any name, type and number. */
static RingPacket make_device(const char *name, struct xdpshark_record *record,
			      struct xdpshark_device *device)
{
	*device = (struct xdpshark_device){ .ifindex = 2,
					    .namespace = 7,
					    .type = (guint8)name[0] % 2 ? 1 : 65534 };
	memcpy(device->name, name, MIN(strlen(name), sizeof(device->name)));
	*record = (struct xdpshark_record){ .ifindex = 2,
					    .kind = XDPSHARK_KIND_DEVICE,
					    .device = (guint8)device->name[15] % 16 };
	return (RingPacket){
		.captured_length = sizeof(*device),
		.wire_length = sizeof(*device),
		.record = record,
		.data = (const guint8 *)device,
	};
}

static RingPacket make_packet(const char *text, struct xdpshark_record *record)
{
	gsize length = MIN(strlen(text), XDPSHARK_SNAPLEN_MAX);

	*record = (struct xdpshark_record){
		.ifindex = 2,
		.queue = 3,
		.lost = length % 2,
		.device = XDPSHARK_DEVICE_UNKNOWN,
		.verdict = 1,
	};
	return (RingPacket){
		.captured_length = length,
		.wire_length = length,
		.record = record,
		.data = (const guint8 *)text,
	};
}

/* Long enough to be cut. */
static char *repeat(const char *text, gsize times)
{
	GString *out = g_string_new(NULL);

	for (gsize i = 0; i < times; i++)
		g_string_append(out, text);
	return g_string_free(out, FALSE);
}

/* The same packet from a device that the ring has told of, which may be of another link type. */
static void check_told(const char *name, Point *hook, const RingPacket *packet,
		       struct xdpshark_record *record)
{
	g_autoptr(Clock) clock = clock_new();
	g_autoptr(Stream) stream = stream_new(clock, OPTION_COMMENTS_FULL, FALSE);
	struct xdpshark_record device_record;
	struct xdpshark_device told_device;
	const RingPacket device = make_device(name, &device_record, &told_device);
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree char *shown = g_strndup(name, 16);
	g_autofree char *path = g_strdup(hook->address);
	g_autofree char *program =
		g_strdup(((const PointProgram *)g_ptr_array_index(hook->programs, 0))->name);
	/* Without a number that there can be, the index tells. */
	gboolean told = device_record.device < XDPSHARK_DEVICES;
	g_autofree char *known =
		g_strdup(((const PointDevice *)g_ptr_array_index(hook->devices, 0))->name);
	char *fields[FIELDS + 1] = { path, program, told ? shown : known };

	record->device = device_record.device;
	stream_add(stream, hook, "", 0, NULL);
	stream_append_head(stream, out);
	stream_append_packet(stream, out, 0, &device);
	stream_append_packet(stream, out, 0, packet);
	FUZZ_CHECK(stream_packets(stream) == 1);
	check_blocks(out, fields);
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	fuzz_begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) fields = g_strsplit(text, "\n", FIELDS);
	g_autoptr(Clock) clock = clock_new();
	g_autoptr(Stream) stream = stream_new(clock, OPTION_COMMENTS_FULL, size % 2);
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct xdpshark_record record;
	RingPacket packet;
	g_autofree char *filter = NULL, *comment = NULL;
	const Counts counts = { 0 };
	Point *hook;

	if (g_strv_length(fields) < FIELDS)
		return 0;
	hook = make_hook(fields);
	g_free(point_display(hook));
	filter = repeat(fields[FIELD_FILTER], size % 64);
	comment = repeat(fields[FIELD_COMMENT], size % 64);
	stream_add(stream, hook, filter, 0, comment);
	packet = make_packet(fields[FIELD_PACKET], &record);
	stream_append_head(stream, out);
	stream_append_packet(stream, out, 0, &packet);
	stream_append_statistics(stream, out, 0, &counts, 0, 1);
	check_blocks(out, fields);
	check_readable(out, &packet);
	record.lost = 0;
	check_told(fields[FIELD_DEVICE], make_hook(fields), &packet, &record);
	return 0;
}
