// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands for xdpshark on another host in the bench remote: called with its arguments, it sends a
 * capture of made-up packets with the time at which each is written. The hook's path says how many
 * a second: /rate/1000; /rate/0: as many as are taken. So that the bench measures connections and
 * merging, and needs no BPF.
 */
#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pcapng.h"

#define TURN_MS	    10
#define CHUNK	    512
#define PACKET_SIZE 60

static guint64 clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (guint64)now.tv_sec * 1000000000 + (guint64)now.tv_nsec;
}

static void write_all(GByteArray *out)
{
	for (gsize at = 0; at < out->len;) {
		gssize length = write(STDOUT_FILENO, out->data + at, out->len - at);

		if (length <= 0)
			exit(0);
		at += (gsize)length;
	}
	g_byte_array_set_size(out, 0);
}

/* FALSE: nobody wants more. */
static gboolean wait_ms(int timeout)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char bytes[16];

	return poll(&input, 1, timeout) <= 0 || read(STDIN_FILENO, bytes, sizeof(bytes)) > 0;
}

static void append_packets(GByteArray *out, const PcapngOptions *options, guint64 count,
			   guint64 *sent)
{
	static const guint8 data[PACKET_SIZE];

	for (guint64 i = 0; i < count; i++) {
		const PcapngPacket packet = {
			.time = clock_now(CLOCK_REALTIME),
			.captured_length = sizeof(data),
			.wire_length = sizeof(data),
			.data = data,
			.packet_id = ++*sent,
			.options = options,
		};

		pcapng_append_packet(out, &packet);
	}
}

static void run(GByteArray *out, guint64 rate)
{
	g_autoptr(PcapngOptions) options =
		pcapng_options_new(source_types[0], "xdp action=DROP", 0, -1);
	guint64 start = clock_now(CLOCK_MONOTONIC), sent = 0, said = 0;

	while (wait_ms(rate > 0 ? TURN_MS : 0)) {
		guint64 elapsed = clock_now(CLOCK_MONOTONIC) - start;
		guint64 due = elapsed / 1000 * rate / 1000000;

		append_packets(out, options, rate > 0 ? due - MIN(due, sent) : CHUNK, &sent);
		write_all(out);
		if (elapsed / 1000000000 > said) {
			said = elapsed / 1000000000;
			g_printerr("{\"final\":false,\"actions\":{\"DROP\":{\"captured\":"
				   "%" G_GUINT64_FORMAT "}}}\n",
				   sent);
		}
	}
	const PcapngStatistics statistics = { .received = sent,
					      .accepted = sent,
					      .delivered = sent };

	pcapng_append_statistics(out, &statistics);
	write_all(out);
}

int main(int argc, char **argv)
{
	const PcapngSection section = { .application = "remote_source" };
	const PcapngInterface interface = { .name = "fw", .description = "xdp hook=/rate" };
	GByteArray *out = g_byte_array_new();
	guint64 rate = 0;

	for (int i = 1; i < argc; i++)
		if (g_str_has_prefix(argv[i], "/rate/"))
			rate = g_ascii_strtoull(argv[i] + strlen("/rate/"), NULL, 10);
	pcapng_append_section(out, &section);
	pcapng_append_interface(out, &interface);
	write_all(out);
	run(out, rate);
	g_byte_array_unref(out);
	return 0;
}
