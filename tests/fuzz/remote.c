// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any bytes from another host, as its capture, its list of points, or a line on
 * its standard error; and as the name of a remote point. What becomes of a capture is valid pcapng
 * with as many packets.
 */
#include <string.h>

#include "change_message.h"
#include "fuzz.h"
#include "pcapng.h"
#include "pcapng_guest.h"
#include "pcapng_reader.h"
#include "remote_host.h"
#include "remote_list.h"
#include "status.h"

#define INTERFACES_MAX 2048

typedef struct {
	PcapngGuest *guest;
	GByteArray *out; /* a file of ours */
	gboolean written[INTERFACES_MAX];
	guint32 numbers[INTERFACES_MAX];
	guint32 count;
	guint packets, read;
	gboolean failed;
} World;

static void append_head(GByteArray *out)
{
	const PcapngSection section = { .os = "Linux" };

	pcapng_append_section(out, &section);
}

static void write_interface(World *world, guint interface)
{
	FUZZ_CHECK(interface < MIN(pcapng_guest_interfaces(world->guest), INTERFACES_MAX));
	if (world->written[interface])
		return;
	world->written[interface] = TRUE;
	world->numbers[interface] = world->count++;
	pcapng_guest_append_interface(world->guest, world->out, interface);
}

static void take_packets(World *world)
{
	g_autoptr(GError) error = NULL;
	guint interface;
	guint64 time;

	while (pcapng_guest_next(world->guest, &interface, &time, &error)) {
		FUZZ_CHECK(!world->failed && time > 0 && time <= G_MAXINT64);
		write_interface(world, interface);
		pcapng_guest_take(world->guest, world->out, world->numbers[interface]);
		world->packets++;
	}
	world->failed |= error != NULL;
}

static void read_packet(const PcapngRead *packet, gpointer data)
{
	World *world = data;

	FUZZ_CHECK(packet->captured_length <= packet->wire_length);
	FUZZ_CHECK(g_utf8_validate(packet->comment, -1, NULL));
	world->read++;
}

/* In pieces, as they come over a connection. */
static void read_stream(const uint8_t *data, size_t size, uint8_t first)
{
	World world = { .guest = pcapng_guest_new("web 1"), .out = g_byte_array_new() };
	g_autoptr(PcapngReader) reader = pcapng_reader_new(read_packet, &world);
	size_t piece = first > 3 ? first : size;

	append_head(world.out);
	for (size_t at = 0; at < size; at += piece) {
		pcapng_guest_feed(world.guest, data + at, MIN(piece, size - at));
		take_packets(&world);
		FUZZ_CHECK(pcapng_guest_taken(world.guest) <= size);
	}
	pcapng_guest_find_statistics(world.guest);
	for (guint i = 0; i < pcapng_guest_interfaces(world.guest); i++) {
		write_interface(&world, i);
		pcapng_guest_append_statistics(world.guest, world.out, i, world.numbers[i], 5);
	}
	FUZZ_CHECK(pcapng_reader_feed(reader, world.out->data, world.out->len));
	FUZZ_CHECK(world.read <= world.packets);
	pcapng_guest_free(world.guest);
	g_byte_array_unref(world.out);
}

static void read_list(const char *text)
{
	g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);
	g_autoptr(GPtrArray) hookless = g_ptr_array_new_with_free_func((GDestroyNotify)point_free);

	remote_list_parse(text, points, hookless);
	for (guint i = 0; i < points->len; i++) {
		g_autofree char *display = point_display(g_ptr_array_index(points, i));

		FUZZ_CHECK(g_utf8_validate(display, -1, NULL) && !strpbrk(display, "{}\n"));
	}
}

static void read_line(const char *text)
{
	g_autofree char *message = NULL;
	const SourceType *source = source_types[0];
	ChangeAnswer answer;
	Counts counts;

	if (change_answer_parse(text, &answer)) {
		FUZZ_CHECK(!answer.refused || g_utf8_validate(answer.refused, -1, NULL));
		g_free(answer.refused);
	}
	status_parse(text, &source, &counts, &message);
}

static void read_name(const char *text)
{
	g_autofree char *point = NULL;
	g_autoptr(RemoteHost) host = remote_host_parse(text, &point, NULL);

	if (!host)
		return;
	FUZZ_CHECK(*host->host != '-' && *host->host && !strpbrk(host->host, " '\"$`\\;"));
	FUZZ_CHECK(!host->user || *host->user != '-');
	FUZZ_CHECK(host->port <= 65535 && point);
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	fuzz_begin();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = NULL;

	if (size == 0)
		return 0;
	text = g_strndup((const char *)data + 1, size - 1);
	switch (data[0]) {
	case 1:
		read_list(text);
		break;
	case 2:
		read_line(text);
		break;
	case 3:
		read_name(text);
		break;
	default:
		read_stream(data + 1, size - 1, data[0]);
	}
	return 0;
}
