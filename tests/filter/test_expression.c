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

/* Primitives over few values, so that packets match some of them, in all forms that stand for
 * themselves. %d is such a value. */
static const char *const primitives[] = {
	"host 10.0.0.%d",
	"src host 10.0.0.%d",
	"src 10.0.0.%d",
	"ip src or dst 10.0.0.%d",
	"tcp port %d",
	"port %d",
	"src or dst port %d",
	"dst or src port %d",
	"src and dst port %d",
	"udp src and dst portrange 1-%d",
	"dst net 10.0.%d.0/24",
	"net 10.0.%d",
	"arp net 10.0.%d",
	"ip6 host fe80::%d",
	"ip6 host ::%d",
	"ether host 00:01:02:03:04:0%d",
	"ether src 0:0:0:0:0:%d",
	"sctp",
	"icmp",
	"arp",
};

static void append_list(GString *text, GRand *random, gsize length)
{
	static const char *const separators[] = { " or ", " || ", "  or\t", "\nor\n" };
	gsize end = text->len + length;

	for (gboolean first = TRUE; first || text->len < end; first = FALSE) {
		g_autofree char *number = g_strdup_printf("%d", g_rand_int_range(random, 1, 6));
		g_auto(GStrv) halves = g_strsplit(
			primitives[g_rand_int_range(random, 0, G_N_ELEMENTS(primitives))], "%d", 2);

		if (!first)
			g_string_append(
				text,
				separators[g_rand_int_range(random, 0, G_N_ELEMENTS(separators))]);
		g_string_append_printf(text, "%s%s%s", halves[0], halves[1] ? number : "",
				       halves[1] ? halves[1] : "");
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

/* Packets that libpcap's program lets through, or not. */
static guint matches[2];

static void check_expression(const char *text, GRand *random)
{
	Compiler compiler = { pcap_open_dead(DLT_EN10MB, 262144), 0 };
	struct bpf_program whole;
	g_autoptr(GArray) pieces = NULL;

	g_assert_cmpint(pcap_compile(compiler.pcap, &whole, text, 0, PCAP_NETMASK_UNKNOWN), ==, 0);
	pieces = expression_compile(text, compile_piece, &compiler);
	g_assert_nonnull(pieces);
	g_assert_cmpuint(compiler.pieces, >, 1);
	for (guint i = 0; i < PACKETS; i++) {
		guint8 packet[128];
		gsize length = make_packet(packet, random);
		gboolean expected = is_match(whole.bf_insns, whole.bf_len, packet, length);
		gboolean got =
			is_match((struct bpf_insn *)pieces->data, pieces->len, packet, length);

		matches[expected]++;
		if (got != expected)
			g_error("%u pieces say %d, libpcap says %d: %s", compiler.pieces, got,
				expected, text);
	}
	pcap_freecode(&whole);
	pcap_close(compiler.pcap);
}

/* What lists stand in. */
static const char *const frames[][2] = {
	{ "", "" },
	{ " ", "\n" },
	{ "(", ")" },
	{ "tcp and (", ")" },
	{ "not (", ")" },
	{ " ! ( ", " ) " },
	{ "udp src port 3 and not (", ")" },
	{ "src or dst port 2 &&!(", ")\n" },
	{ "ip src or dst 10.0.0.2 and(", ")" },
	{ "arp and not(", ")" },
};

static void test_random_lists(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(20261121);

	for (guint i = 0; i < ROUNDS; i++) {
		const char *const *frame = frames[i % G_N_ELEMENTS(frames)];
		g_autoptr(GString) text = g_string_new(frame[0]);

		append_list(text, random, i < G_N_ELEMENTS(frames) ? 4000 : 7000);
		g_string_append(text, frame[1]);
		check_expression(text->str, random);
	}
	g_assert_cmpuint(matches[TRUE], >, PACKETS);
	g_assert_cmpuint(matches[FALSE], >, PACKETS);
}

/* ExpressionCompile that keeps the texts; those with '?' fail. */
static gboolean keep_piece(const char *text, GArray *code, gpointer data)
{
	const struct sock_filter insn = { BPF_RET | BPF_K, 0, 0, 0 };

	g_ptr_array_add(data, g_strdup(text));
	g_array_append_val(code, insn);
	return !strchr(text, '?');
}

/* COUNT times the term, of which each is numbered; what the pieces are. */
static GPtrArray *split_list(const char *prefix, const char *term, guint count, const char *suffix)
{
	GPtrArray *pieces = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) text = g_string_new(prefix);
	g_autoptr(GArray) code = NULL;

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, "%s%s%u", i ? " or " : "", term, i + 1);
	g_string_append(text, suffix);
	code = expression_compile(text->str, keep_piece, pieces);
	if (code) { /* nothing is lost and nothing is twice */
		g_ptr_array_add(pieces, NULL);
		g_autofree char *joined = g_strjoinv(" or ", (GStrv)pieces->pdata);

		g_assert_cmpstr(joined, ==, text->str);
		g_ptr_array_remove_index(pieces, pieces->len - 1);
	}
	return pieces;
}

static void test_plain_lists_are_split(void)
{
	static const char *const terms[] = { "host 10.0.0.", "src or dst port ", "host ip-10-0-0-",
					     "dst host tcp-or-udp.example.org-", "portrange 1-" };

	for (gsize i = 0; i < G_N_ELEMENTS(terms); i++) {
		g_autoptr(GPtrArray) pieces = split_list("", terms[i], 500, "");

		g_assert_cmpuint(pieces->len, >, 2);
		for (guint j = 0; j < pieces->len; j++) {
			const char *piece = g_ptr_array_index(pieces, j);

			g_assert_true(g_str_has_prefix(piece, terms[i]));
			g_assert_cmpuint(strlen(piece), <, 2100);
		}
	}
}

/* What is no plain list is libpcap's as a whole, and so is what it refuses. */
static void test_all_else_stays_whole(void)
{
	static const struct {
		const char *prefix, *term, *suffix;
	} texts[] = {
		{ "host ", "10.0.0.", "" }, /* taken over from the first */
		{ "port 53 or ", "", "" },
		{ "host ", "ip-10-0-0-", "" },
		{ "vlan or ", "host 10.0.0.", "" },
		{ "tcp and (not ", "host 10.0.0.", ")" },
		{ "tcp and (vlan or ", "host 10.0.0.", ")" },
		{ "tcp andnot (", "host 10.0.0.", ")" },
		{ "tcp or (", "host 10.0.0.", ")" },
		{ "vlan and (", "host 10.0.0.", ")" },
		{ "(tcp) and (", "host 10.0.0.", ")" },
		{ "tcp and ip[8] = 1 and (", "host 10.0.0.", ")" },
		{ "(", "host 10.0.0.", ") and tcp" },
		{ "((", "host 10.0.0.", "))" },
		{ "(", "host 10.0.0.", "" },
		{ "", "host 10.0.0.", ")" },
		{ "not ", "host 10.0.0.", "" },
		{ "", "host 10.0.0.", " and tcp" },
		{ "", "ip[8] = ", "" },
		{ "", "port ", " or port ?" },
		{ "", "port ", " or" },
		{ "", "port ", " or " },
		{ "", "port ", " port 5" },
		{ "", "port ", "\v" },
		{ "", "\\host ", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GPtrArray) pieces =
			split_list(texts[i].prefix, texts[i].term, 600, texts[i].suffix);
		const char *last = g_ptr_array_index(pieces, pieces->len - 1);

		/* After a piece was refused, the whole text was. */
		g_assert_cmpuint(pieces->len, <=, strchr(texts[i].suffix, '?') ? 20 : 1);
		g_assert_true(g_str_has_prefix(last, texts[i].prefix));
		g_assert_true(g_str_has_suffix(last, texts[i].suffix));
		g_assert_cmpuint(strlen(last), >, 2000);
	}
}

static void test_errors_are_libpcaps(void)
{
	g_autoptr(GString) text = g_string_new("port 1");
	Compiler compiler = { pcap_open_dead(DLT_EN10MB, 262144), 0 };
	g_autofree char *expected = NULL;
	struct bpf_program whole;

	for (guint i = 2; i < 300; i++)
		g_string_append_printf(text, " or port %u", i);
	g_string_append(text, " or port nonsense");
	g_assert_cmpint(pcap_compile(compiler.pcap, &whole, text->str, 0, PCAP_NETMASK_UNKNOWN), <,
			0);
	expected = g_strdup(pcap_geterr(compiler.pcap));
	g_assert_null(expression_compile(text->str, compile_piece, &compiler));
	g_assert_cmpstr(pcap_geterr(compiler.pcap), ==, expected);
	pcap_close(compiler.pcap);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/expression/random-lists", test_random_lists);
	g_test_add_func("/expression/plain-lists", test_plain_lists_are_split);
	g_test_add_func("/expression/all-else", test_all_else_stays_whole);
	g_test_add_func("/expression/errors", test_errors_are_libpcaps);
	return g_test_run();
}
