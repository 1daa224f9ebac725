// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Long expressions compiled in pieces mean what libpcap's own program for them means.
 */
#include <glib.h>
#include <pcap/pcap.h>
#include <string.h>

#include "expression.h"

#define ROUNDS	20
#define PACKETS 300

typedef struct {
	pcap_t *pcap;
	guint pieces;
} Compiler;

static gboolean compile_piece(const char *text, GArray *code, gpointer data)
{
	Compiler *compiler = data;
	struct bpf_program program;

	compiler->pieces++;
	if (pcap_compile(compiler->pcap, &program, text, 0, PCAP_NETMASK_UNKNOWN) != 0)
		return FALSE;
	g_array_append_vals(code, program.bf_insns, program.bf_len);
	pcap_freecode(&program);
	return TRUE;
}

/* Primitives over few values, so that packets match some of them. */
static void append_primitive(GString *text, GRand *random)
{
	int number = g_rand_int_range(random, 0, 6);

	switch (g_rand_int_range(random, 0, 12)) {
	case 0:
		g_string_append_printf(text, "host 10.0.0.%d or 10.0.1.%d", number, number);
		break;
	case 1:
		g_string_append_printf(text, "src host 10.0.0.%d", number);
		break;
	case 2:
		g_string_append_printf(text, "tcp port %d", number);
		break;
	case 3:
		g_string_append_printf(text, "udp src port %d or %d", number, number + 1);
		break;
	case 4:
		g_string_append_printf(text, "dst net 10.0.%d.0/24", number);
		break;
	case 5:
		g_string_append_printf(text, "ether[%d] & 3 = %d", number, number & 3);
		break;
	case 6:
		g_string_append_printf(text, "tcp[13] | %d != 2", number);
		break;
	case 7:
		g_string_append_printf(text, "ip6 host fe80::%d", number);
		break;
	case 8:
		g_string_append(text, "udp");
		break;
	case 9:
		g_string_append_printf(text, "greater %d", 40 + number * 10);
		break;
	case 10:
		g_string_append_printf(text, "(ip[8] = %d or (%d < ip[9] && arp))", number, number);
		break;
	default:
		g_string_append_printf(text, "port (%d or %d)", number, number + 1);
		break;
	}
}

static void append_expression(GString *text, GRand *random, gsize length, guint depth)
{
	static const char *const operators[] = { " or ", " || ", " and ", " && ", " or ", " or " };
	gsize end = text->len + length;

	for (gboolean first = TRUE; first || text->len < end; first = FALSE) {
		if (!first)
			g_string_append(
				text,
				operators[g_rand_int_range(random, 0, G_N_ELEMENTS(operators))]);
		if (g_rand_int_range(random, 0, 8) == 0)
			g_string_append(text, g_rand_boolean(random) ? "not " : "!");
		if (depth > 0 && g_rand_int_range(random, 0, 6) == 0) {
			g_string_append_c(text, '(');
			append_expression(text, random, length / 2, depth - 1);
			g_string_append_c(text, ')');
		} else {
			append_primitive(text, random);
		}
	}
}

static gsize make_packet(guint8 *packet, GRand *random)
{
	static const guint16 types[] = { 0x0800, 0x0800, 0x0800, 0x86dd, 0x0806, 0x8100 };
	static const guint8 protocols[] = { 6, 17, 17, 1 };
	guint16 type = types[g_rand_int_range(random, 0, G_N_ELEMENTS(types))];

	for (gsize i = 0; i < 128; i++)
		packet[i] = (guint8)g_rand_int_range(random, 0, 7);
	packet[12] = type >> 8;
	packet[13] = type & 0xff;
	packet[14] = 0x45;
	packet[23] = protocols[g_rand_int_range(random, 0, G_N_ELEMENTS(protocols))];
	packet[20] = packet[21] = 0;
	packet[26] = packet[30] = 10;
	packet[27] = packet[31] = packet[28] = 0;
	packet[34] = packet[36] = 0;
	return g_rand_int_range(random, 14, 128);
}

static gboolean is_match(struct bpf_insn *code, guint length, const guint8 *packet, gsize size)
{
	const struct bpf_program program = { length, code };
	const struct pcap_pkthdr header = { .caplen = (bpf_u_int32)size, .len = (bpf_u_int32)size };

	return pcap_offline_filter(&program, &header, packet) != 0;
}

static void check_expression(const char *text, GRand *random)
{
	Compiler compiler = { pcap_open_dead(DLT_EN10MB, 262144), 0 };
	struct bpf_program whole;
	g_autoptr(GArray) pieces = NULL;

	g_assert_cmpint(pcap_compile(compiler.pcap, &whole, text, 0, PCAP_NETMASK_UNKNOWN), ==, 0);
	pieces = expression_compile(text, compile_piece, &compiler);
	g_assert_nonnull(pieces);
	for (guint i = 0; i < PACKETS; i++) {
		guint8 packet[128];
		gsize length = make_packet(packet, random);
		gboolean expected = is_match(whole.bf_insns, whole.bf_len, packet, length);
		gboolean got =
			is_match((struct bpf_insn *)pieces->data, pieces->len, packet, length);

		if (got != expected)
			g_error("%u pieces say %d, libpcap says %d: %s", compiler.pieces, got,
				expected, text);
	}
	pcap_freecode(&whole);
	pcap_close(compiler.pcap);
}

static void test_random_expressions(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(20261121);

	for (guint i = 0; i < ROUNDS; i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		append_expression(text, random, 9000, 3);
		check_expression(text->str, random);
	}
}

static guint count_pieces(const char *text)
{
	Compiler compiler = { pcap_open_dead(DLT_EN10MB, 262144), 0 };
	g_autoptr(GArray) code = expression_compile(text, compile_piece, &compiler);

	pcap_close(compiler.pcap);
	return code ? compiler.pieces : 0;
}

static char *make_hosts(guint count, const char *prefix, const char *suffix)
{
	GString *text = g_string_new(prefix);

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, "%shost 10.0.%u.%u", i ? " or " : "", i >> 8, i & 255);
	g_string_append(text, suffix);
	return g_string_free(text, FALSE);
}

static void test_long_lists_are_taken_apart(void)
{
	g_autofree char *plain = make_hosts(1000, "", "");
	g_autofree char *inside = make_hosts(1000, "tcp and not (", ") and port 80");

	g_assert_cmpuint(count_pieces(plain), >, 5);
	g_assert_cmpuint(count_pieces(inside), >, 5);
}

static void test_what_moves_offsets_stays_whole(void)
{
	g_autofree char *text = make_hosts(120, "vlan or ", "");

	g_assert_cmpuint(count_pieces(text), ==, 1);
}

static void test_what_is_taken_over_stays_with_its_giver(void)
{
	g_autoptr(GString) text = g_string_new("host 10.0.0.1");

	for (guint i = 2; i < 200; i++)
		g_string_append_printf(text, " or 10.0.0.%u", i);
	g_assert_cmpuint(count_pieces(text->str), ==, 1);
}

static void test_errors_are_libpcaps(void)
{
	g_autofree char *open = make_hosts(150, "(", "");
	g_autofree char *bad = make_hosts(150, "", " or port nonsense");
	g_autofree char *end = make_hosts(150, "", " or");

	g_assert_cmpuint(count_pieces(open), ==, 0);
	g_assert_cmpuint(count_pieces(bad), ==, 0);
	g_assert_cmpuint(count_pieces(end), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/expression/random", test_random_expressions);
	g_test_add_func("/expression/long-lists", test_long_lists_are_taken_apart);
	g_test_add_func("/expression/moving-offsets", test_what_moves_offsets_stays_whole);
	g_test_add_func("/expression/taken-over", test_what_is_taken_over_stays_with_its_giver);
	g_test_add_func("/expression/errors", test_errors_are_libpcaps);
	return g_test_run();
}
