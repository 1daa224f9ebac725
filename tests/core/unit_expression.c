/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Filters as people type them, on our own packets, against libpcap. */
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "reference.h"
#include "unit.h"

#define FRAME_BYTES 150

/* Paths with different checks relative to X join here. cbpfc reads other bytes for the first. */
static const gchar *const joins[] = {
	"(tcp[14:2] < 1024 and port 22) or tcp[tcpflags] & tcp-rst != 0",
	"(tcp[14:2] >= 1024 or port 22) and tcp[tcpflags] & tcp-rst != 0",
	"tcp[tcpflags] & tcp-rst != 0 or (port 22 and tcp[14:2] < 1024)",
	"(tcp[20] = 1 and src port 22) or (tcp[0:2] = 80 and tcp[4:4] != 7) or tcp[13] = 4",
	"(ip[20] & 1 = 0 and tcp port 22) or (udp[8] = 3 and ip[9] = 17) or tcp[12] & 15 = 2",
	"not (tcp[14:2] < 1024 and port 22) and tcp[2:2] != 80",
	"(port 22 or tcp[40] = 1) and (port 80 or tcp[13] & 4 != 0)",
	"tcp[(tcp[12] >> 2):2] = 0x4745 or tcp[13] & tcp-rst != 0 or tcp[14:2] < 512",
	"(udp[4:2] > 20 and udp[8] = 1) or icmp[0] = 8 or tcp[13] = 4",
};

/* A frame of TCP over IPv4 with an IP header of ihl words. */
static void frame_make(guint8 bytes[FRAME_BYTES], guint ihl, guint16 source, guint16 window,
		       guint8 flags, guint8 protocol)
{
	guint8 *ip = bytes + 14;
	guint8 *tcp = ip + 4 * (gsize)ihl;

	memset(bytes, 0, FRAME_BYTES);
	for (gsize i = 34; i < FRAME_BYTES; i++)
		bytes[i] = (guint8)(i * 7);
	bytes[12] = 0x08;
	ip[0] = (guint8)(0x40 | ihl);
	ip[9] = protocol;
	ip[6] = ip[7] = 0;
	tcp[0] = (guint8)(source >> 8);
	tcp[1] = (guint8)source;
	tcp[2] = 0;
	tcp[3] = 80;
	tcp[12] = 0x50;
	tcp[13] = flags;
	tcp[14] = (guint8)(window >> 8);
	tcp[15] = (guint8)window;
}

/* Compares on a frame, and on the frame cut at every length. */
static void frame_compare(const gchar *expression, const struct cbpf_program *program,
			  const struct sock_filter *code, const guint8 *bytes)
{
	for (guint32 length = 1; length <= FRAME_BYTES; length++) {
		guint32 wanted = reference_run(code, bytes, length, length);
		guint64 value = machine_run(program, bytes, length).value;

		if (value != wanted)
			g_error("%s: %" G_GUINT64_FORMAT " instead of %u at length %u", expression,
				value, wanted, length);
	}
}

static void frames_compare(const gchar *expression, const struct cbpf_program *program,
			   const struct sock_filter *code)
{
	static const guint16 ports[] = { 22, 80, 4000 }, windows[] = { 0, 1023, 1024, 60000 };
	static const guint8 flags[] = { 0, 4, 0x12 }, protocols[] = { 6, 17, 1 };
	guint8 bytes[FRAME_BYTES];

	for (guint ihl = 5; ihl <= 15; ihl += 5) {
		for (guint i = 0; i < 3 * 4 * 3 * 3; i++) {
			frame_make(bytes, ihl, ports[i % 3], windows[i / 3 % 4], flags[i / 12 % 3],
				   protocols[i / 36]);
			frame_compare(expression, program, code, bytes);
		}
	}
}

static void test_joins(gconstpointer optimize)
{
	for (gsize i = 0; i < G_N_ELEMENTS(joins); i++) {
		struct sock_filter *code = NULL;
		char why[256] = "";
		gsize length = reference_compile(joins[i], optimize != NULL, &code, why);
		struct cbpf_program *program;

		if (length == 0)
			g_error("%s: %s", joins[i], why);
		program = machine_compile(code, length, NULL);
		frames_compare(joins[i], program, code);
		cbpf_program_free(program);
		free(code);
	}
}

/* An AH header whose length field makes libpcap's own code loop forever. */
static void test_crafted_header_ends(void)
{
	struct cbpf_program *program = machine_filter("ip6 protochain 6", TRUE);
	guint8 bytes[200] = { [12] = 0x86, [13] = 0xdd, [14] = 0x60, [20] = 51 };

	/* X becomes (length + 2) * 4 for the byte at 15 + 40, where the same AH header is found
	 * again. */
	for (gsize i = 54; i < sizeof(bytes); i++)
		bytes[i] = 51;
	g_assert_cmpuint(machine_run(program, bytes, sizeof(bytes)).value, ==, 0);
	cbpf_program_free(program);
}

/* The last header of a chain of count destination options is TCP. */
static guint64 chain_run(const struct cbpf_program *program, gsize count)
{
	gsize length = 54 + 8 * count;
	g_autofree guint8 *bytes = g_malloc0(length + 20);

	bytes[12] = 0x86;
	bytes[13] = 0xdd;
	bytes[20] = 60;
	for (gsize i = 0; i < count; i++)
		bytes[54 + 8 * i] = i + 1 < count ? 60 : 6;
	return machine_run(program, bytes, (guint32)(length + 20)).value;
}

static void test_long_header_chains(void)
{
	struct cbpf_program *program = machine_filter("ip6 protochain 6", TRUE);

	g_assert_cmpuint(chain_run(program, 1), ==, 262144);
	/* As many as fit into 3,520 bytes, the longest linear part on veth. */
	g_assert_cmpuint(chain_run(program, 430), ==, 262144);
	/* The documented limit. */
	g_assert_cmpuint(chain_run(program, 511), ==, 262144);
	g_assert_cmpuint(chain_run(program, 8000), ==, 0);
	cbpf_program_free(program);
}

static void test_direction(void)
{
	const guint8 bytes[60] = { 0 };
	struct sock_filter *code = NULL;
	struct cbpf_program *program;
	char why[256] = "";

	/* From 1.11 on, libpcap only compiles these for devices. */
	if (reference_compile("inbound", true, &code, why) == 0 &&
	    strstr(why, "not a live capture")) {
		g_test_skip(why);
		return;
	}
	free(code);
	program = machine_filter("inbound", TRUE);
	g_assert_cmpuint(machine_run(program, bytes, 60).value, ==, 262144);
	cbpf_program_free(program);
	program = machine_filter("outbound", TRUE);
	g_assert_cmpuint(machine_run(program, bytes, 60).value, ==, 0);
	cbpf_program_free(program);
	program = machine_filter("ifindex 7", TRUE);
	g_assert_cmpuint(machine_run(program, bytes, 60).value, ==, 262144);
	cbpf_program_free(program);
	program = machine_filter("ifindex 8", TRUE);
	g_assert_cmpuint(machine_run(program, bytes, 60).value, ==, 0);
	cbpf_program_free(program);
}

void unit_expression_add(void)
{
	g_test_add_data_func("/expression/joins-of-pointers-optimized", "yes", test_joins);
	g_test_add_data_func("/expression/joins-of-pointers-unoptimized", NULL, test_joins);
	g_test_add_func("/expression/crafted-header-ends", test_crafted_header_ends);
	g_test_add_func("/expression/long-header-chains", test_long_header_chains);
	g_test_add_func("/expression/direction-and-interface", test_direction);
}
