/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The blocks' bytes: lengths, limits and contents. That real readers agree is pcapng_readback.py's
 * business. */
#include "pcapng.h"

#include <string.h>

/* Walks the options of the one block in out; fails unless block and options end where their lengths
 * say, with an end of options. */
static void options_check(const GByteArray *out, gsize fixed)
{
	gsize at = fixed;

	for (;;) {
		guint16 head[2];
		g_assert_cmpuint(at + sizeof(head), <=, out->len - 4);
		memcpy(head, out->data + at, sizeof(head));
		at += sizeof(head) + ((head[1] + 3u) & ~3u);
		if (head[0] == 0) {
			g_assert_cmpuint(head[1], ==, 0);
			break;
		}
	}
	g_assert_cmpuint(at, ==, out->len - 4);
}

/* How often option code is there; ret_value and ret_length tell the last one. */
static guint option_find(const GByteArray *out, gsize fixed, guint16 code, const guint8 **ret_value,
			 gsize *ret_length)
{
	guint count = 0;
	guint16 head[2];

	for (gsize at = fixed;; at += sizeof(head) + ((head[1] + 3u) & ~3u)) {
		memcpy(head, out->data + at, sizeof(head));
		if (head[0] == 0)
			return count;
		if (head[0] != code)
			continue;
		count++;
		*ret_value = out->data + at + sizeof(head);
		*ret_length = head[1];
	}
}

static guint32 word_at(const GByteArray *out, gsize at)
{
	guint32 word;

	g_assert_cmpuint(at + sizeof(word), <=, out->len);
	memcpy(&word, out->data + at, sizeof(word));
	return word;
}

static void block_check(const GByteArray *out, guint32 type, gsize fixed)
{
	g_assert_cmpuint(out->len % 4, ==, 0);
	g_assert_cmpuint(out->len, <=, PCAPNG_BLOCK_MAX);
	g_assert_cmphex(word_at(out, 0), ==, type);
	g_assert_cmpuint(word_at(out, 4), ==, out->len);
	g_assert_cmpuint(word_at(out, out->len - 4), ==, out->len);
	options_check(out, fixed);
}

static void assert_option(const GByteArray *out, gsize fixed, guint16 code, gconstpointer value,
			  gsize length)
{
	const guint8 *found = NULL;
	gsize found_length = 0;

	g_assert_cmpuint(option_find(out, fixed, code, &found, &found_length), ==, 1);
	g_assert_cmpmem(found, found_length, value, length);
}

static void assert_no_option(const GByteArray *out, gsize fixed, guint16 code)
{
	const guint8 *found;
	gsize length;

	g_assert_cmpuint(option_find(out, fixed, code, &found, &length), ==, 0);
}

#define SECTION_FIXED	 24
#define INTERFACE_FIXED	 16
#define STATISTICS_FIXED 20

static void test_section(void)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	const PcapngSection section = { "hw", "os", "app" };

	pcapng_append_section(out, &section);
	block_check(out, 0x0a0d0d0a, SECTION_FIXED);
	g_assert_cmphex(word_at(out, 8), ==, 0x1a2b3c4d);
	assert_option(out, SECTION_FIXED, 2, "hw", 2);
	assert_option(out, SECTION_FIXED, 3, "os", 2);
	assert_option(out, SECTION_FIXED, 4, "app", 3);
}

static void test_section_limit(void)
{
	g_autofree char *text = g_strnfill(5000, 'x');
	const PcapngSection section = { text, text, text };
	g_autoptr(GByteArray) out = g_byte_array_new();

	pcapng_append_section(out, &section);
	block_check(out, 0x0a0d0d0a, SECTION_FIXED);
	g_assert_cmpuint(out->len, <, 2000);
}

/* 640 bytes end within a character of three bytes at some shift of it. */
static void test_cut_at_character(void)
{
	for (gsize shift = 0; shift < 3; shift++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autoptr(GString) text = g_string_new(NULL);
		const guint8 *value = NULL;
		gsize length = 0;

		for (gsize i = 0; i < shift; i++)
			g_string_append_c(text, 'x');
		for (int i = 0; i < 300; i++)
			g_string_append(text, "\xe2\x82\xac");
		const PcapngSection section = { .os = text->str };
		pcapng_append_section(out, &section);
		g_assert_cmpuint(option_find(out, SECTION_FIXED, 3, &value, &length), ==, 1);
		g_assert_cmpuint(length, >, 640 - 3);
		g_assert_cmpuint(length, <=, 640);
		g_assert_true(g_utf8_validate((const char *)value, (gssize)length, NULL));
	}
}

static void test_no_strings(void)
{
	const PcapngSection section = { NULL, "", NULL };
	const PcapngInterface interface = { .filter = "", .snaplen = 96 };
	g_autoptr(GByteArray) shb = g_byte_array_new();
	g_autoptr(GByteArray) idb = g_byte_array_new();

	pcapng_append_section(shb, &section);
	block_check(shb, 0x0a0d0d0a, SECTION_FIXED);
	g_assert_cmpuint(shb->len, ==, SECTION_FIXED + 4 + 4);
	pcapng_append_interface(idb, &interface);
	block_check(idb, 1, INTERFACE_FIXED);
	for (guint16 code = 1; code < 20; code++)
		if (code != 9) /* if_tsresol */
			assert_no_option(idb, INTERFACE_FIXED, code);
}

static void test_interface(void)
{
	static const guint8 mac[] = { 2, 0, 0, 0, 0, 1 };
	const guint64 speed = 25000000000;
	const PcapngInterface interface = { "fw", "/bpf/fw", "tcp", "Linux",	"why",
					    mac,  speed,     1500,  LINK_RAW_IP };
	g_autoptr(GByteArray) out = g_byte_array_new();

	pcapng_append_interface(out, &interface);
	block_check(out, 1, INTERFACE_FIXED);
	g_assert_cmpmem(out->data + 8, 4, ((guint16[]){ 101, 0 }), 4); /* link type, reserved */
	g_assert_cmpuint(word_at(out, 12), ==, 1500);
	assert_option(out, INTERFACE_FIXED, 1, "why", 3);
	assert_option(out, INTERFACE_FIXED, 2, "fw", 2);
	assert_option(out, INTERFACE_FIXED, 3, "/bpf/fw", 7);
	assert_option(out, INTERFACE_FIXED, 6, mac, 6);
	assert_option(out, INTERFACE_FIXED, 8, &speed, 8);
	assert_option(out, INTERFACE_FIXED, 9, "\x09", 1);
	assert_option(out, INTERFACE_FIXED, 11, "\0tcp", 4);
	assert_option(out, INTERFACE_FIXED, 12, "Linux", 5);
}

static void test_interface_limits(void)
{
	g_autofree char *text = g_strnfill(100000, 'x');
	PcapngInterface interface = { text, text, text, text, text, NULL, 0, 0, LINK_ETHERNET };
	static const guint32 over[] = { 0, PCAPNG_SNAPLEN_MAX + 1, G_MAXUINT32 };

	for (gsize i = 0; i < G_N_ELEMENTS(over); i++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		interface.snaplen = over[i];
		pcapng_append_interface(out, &interface);
		block_check(out, 1, INTERFACE_FIXED);
		g_assert_cmpuint(word_at(out, 12), ==, PCAPNG_SNAPLEN_MAX);
	}
}

static void test_foreign_bytes(void)
{
	const PcapngInterface interface = { .name = "a\xff", .snaplen = 96 };
	g_autoptr(GByteArray) out = g_byte_array_new();

	pcapng_append_interface(out, &interface);
	assert_option(out, INTERFACE_FIXED, 2, "a\xef\xbf\xbd", 4);
}

/* Where the options of a packet begin. */
static gsize packet_fixed(const GByteArray *out)
{
	return 28 + ((word_at(out, 20) + 3) & ~3u);
}

static void test_packet(void)
{
	const guint64 id = G_GUINT64_CONSTANT(0x0003000000000005), dropped = 9;
	const guint32 inbound = 1, queue = 7;
	guint8 verdict[9] = { 2 };
	const guint64 action = 3;
	static guint8 data[64];
	g_autoptr(PcapngOptions) options = pcapng_options_new(&source_hook, "xdp action=TX", 7, 3);

	memcpy(verdict + 1, &action, sizeof(action));
	memset(data, 0xee, sizeof(data));
	for (guint32 length = 0; length <= sizeof(data); length++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		const PcapngPacket packet = { 4,       G_GUINT64_CONSTANT(0x1122334455667788),
					      length,  1500,
					      data,    id,
					      dropped, options,
					      NULL,    0 };

		pcapng_append_packet(out, &packet);
		gsize fixed = packet_fixed(out);
		block_check(out, 6, fixed);
		g_assert_cmpuint(word_at(out, 8), ==, 4);
		g_assert_cmphex(word_at(out, 12), ==, 0x11223344);
		g_assert_cmphex(word_at(out, 16), ==, 0x55667788);
		g_assert_cmpuint(word_at(out, 20), ==, length);
		g_assert_cmpuint(word_at(out, 24), ==, 1500);
		g_assert_cmpmem(out->data + 28, length, data, length);
		for (gsize at = 28 + length; at < fixed; at++)
			g_assert_cmpuint(out->data[at], ==, 0);
		assert_option(out, fixed, 1, "xdp action=TX", 13);
		assert_option(out, fixed, 2, &inbound, 4);
		assert_option(out, fixed, 4, &dropped, 8);
		assert_option(out, fixed, 5, &id, 8);
		assert_option(out, fixed, 6, &queue, 4);
		assert_option(out, fixed, 7, verdict, 9);
	}
}

static void test_packet_without(void)
{
	g_autoptr(PcapngOptions) options = pcapng_options_new(&source_hook, NULL, -1, -1);
	g_autoptr(GByteArray) out = g_byte_array_new();
	const PcapngPacket packet = { 0, 1, 0, 60, NULL, 0, 0, options, NULL, 0 };
	const guint64 id = 0;

	pcapng_append_packet(out, &packet);
	block_check(out, 6, 28);
	assert_no_option(out, 28, 1);
	assert_no_option(out, 28, 4);
	assert_no_option(out, 28, 6);
	assert_no_option(out, 28, 7);
	assert_option(out, 28, 5, &id, 8);
}

static void test_packet_limit(void)
{
	g_autofree guint8 *data = g_malloc0(400000);
	g_autofree char *comment = g_strnfill(100000, 'x');
	g_autoptr(PcapngOptions) short_options = pcapng_options_new(&source_hook, NULL, 1, 1);
	g_autoptr(PcapngOptions) long_options = pcapng_options_new(&source_hook, comment, 1, 1);
	const PcapngOptions *all[] = { short_options, long_options };

	for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
		for (guint32 length = 262000; length < 262200; length++) {
			g_autoptr(GByteArray) out = g_byte_array_new();
			const PcapngPacket packet = { 0, 1, length, 300000, data,
						      1, 1, all[i], NULL,   0 };

			pcapng_append_packet(out, &packet);
			block_check(out, 6, packet_fixed(out));
			g_assert_cmpuint(word_at(out, 20), <=, length);
			g_assert_cmpuint(word_at(out, 24), ==, 300000);
		}
	}
}

/* One block after the other, also after bytes that are not a multiple of 4. */
static void test_append(void)
{
	g_autoptr(PcapngOptions) options = pcapng_options_new(&source_hook, "xdp action=TX", 7, -1);
	const PcapngPacket packet = { 0, 1, 5, 5, "abcde", 1, 0, options, NULL, 0 };
	g_autoptr(GByteArray) one = g_byte_array_new();
	g_autoptr(GByteArray) many = g_byte_array_new();

	pcapng_append_packet(one, &packet);
	g_byte_array_append(many, (const guint8 *)"x", 1);
	for (guint i = 0; i < 1000; i++) {
		pcapng_append_packet(many, &packet);
		g_assert_cmpuint(many->len, ==, 1 + (i + 1) * one->len);
		g_assert_cmpmem(many->data + 1 + (gsize)i * one->len, one->len, one->data,
				one->len);
	}
}

/* Wherever writing ends, and however much of what is written is gone from memory. */
static void test_unwritten(void)
{
	g_autoptr(PcapngOptions) options = pcapng_options_new(&source_hook, "comment", 0, 2);
	g_autoptr(GByteArray) out = g_byte_array_new();
	const PcapngSection section = { .os = "os" };
	PcapngPacket packet = { .captured_length = 61, .wire_length = 61, .options = options };
	guint8 data[61] = { 0 };
	gsize ends[5] = { 0 }, partial;

	packet.data = data;
	pcapng_append_section(out, &section);
	ends[0] = out->len;
	for (guint i = 1; i < G_N_ELEMENTS(ends); i++) {
		pcapng_append_packet(out, &packet);
		ends[i] = out->len;
	}
	for (gsize gone = 0; gone <= out->len; gone++)
		for (gsize written = MAX(gone, ends[0]); written <= out->len; written++) {
			guint whole = 0;

			while (whole + 1 < G_N_ELEMENTS(ends) && ends[whole + 1] <= written)
				whole++;
			g_assert_cmpuint(pcapng_count_unwritten(out->data + gone, out->len - gone,
								written - gone, &partial),
					 ==, G_N_ELEMENTS(ends) - 1 - whole);
			g_assert_cmpuint(partial, ==, written - ends[whole]);
		}
}

static void test_statistics(void)
{
	const PcapngStatistics statistics = { 3,
					      G_GUINT64_CONSTANT(0x100000002),
					      G_GUINT64_CONSTANT(0x300000004),
					      G_GUINT64_CONSTANT(0x500000006),
					      10,
					      11,
					      12,
					      13,
					      FALSE,
					      "xdp detached=DROP:1.000",
					      NULL };
	const guint32 start[] = { 3, 4 }, end[] = { 5, 6 };
	g_autoptr(GByteArray) out = g_byte_array_new();

	pcapng_append_statistics(out, &statistics);
	block_check(out, 5, STATISTICS_FIXED);
	g_assert_cmpuint(word_at(out, 8), ==, 3);
	g_assert_cmpuint(word_at(out, 12), ==, 1);
	g_assert_cmpuint(word_at(out, 16), ==, 2);
	assert_option(out, STATISTICS_FIXED, 2, start, 8);
	assert_option(out, STATISTICS_FIXED, 3, end, 8);
	assert_option(out, STATISTICS_FIXED, 4, &statistics.received, 8);
	assert_option(out, STATISTICS_FIXED, 5, &statistics.dropped, 8);
	assert_option(out, STATISTICS_FIXED, 6, &statistics.accepted, 8);
	assert_option(out, STATISTICS_FIXED, 8, &statistics.delivered, 8);
	assert_option(out, STATISTICS_FIXED, 1, statistics.comment, strlen(statistics.comment));
}

/* A packet's own words: as if they had been in its comment from the start. */
static void test_words(void)
{
	char words[PCAPNG_WORDS_MAX];

	memset(words, 'x', sizeof(words));
	words[0] = ' ';
	for (gsize length = 0; length <= sizeof(words); length++) {
		g_autofree char *whole = g_strdup_printf("xdp at=exit%.*s", (int)length, words);
		g_autoptr(PcapngOptions) base =
			pcapng_options_new(&source_hook, "xdp at=exit", 7, 3);
		g_autoptr(PcapngOptions) all = pcapng_options_new(&source_hook, whole, 7, 3);
		g_autoptr(GByteArray) one = g_byte_array_new(), other = g_byte_array_new();
		PcapngPacket packet = {
			.captured_length = 3, .wire_length = 3, .data = "abc", .options = all
		};

		pcapng_append_packet(one, &packet);
		packet.options = base;
		packet.words = words;
		packet.words_length = length;
		pcapng_append_packet(other, &packet);
		g_assert_cmpmem(one->data, one->len, other->data, other->len);
	}
}

/* Where there is no comment, they have no place. */
static void test_words_alone(void)
{
	g_autoptr(PcapngOptions) options = pcapng_options_new(&source_hook, NULL, 7, 3);
	g_autoptr(GByteArray) one = g_byte_array_new(), other = g_byte_array_new();
	PcapngPacket packet = { .options = options };

	pcapng_append_packet(one, &packet);
	packet.words = " ns=1";
	packet.words_length = 5;
	pcapng_append_packet(other, &packet);
	g_assert_cmpmem(one->data, one->len, other->data, other->len);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pcapng/section/holds its strings", test_section);
	g_test_add_func("/pcapng/section/stays under 2000 bytes", test_section_limit);
	g_test_add_func("/pcapng/section/is cut between characters", test_cut_at_character);
	g_test_add_func("/pcapng/strings/may be missing", test_no_strings);
	g_test_add_func("/pcapng/strings/become UTF-8", test_foreign_bytes);
	g_test_add_func("/pcapng/interface/holds all options", test_interface);
	g_test_add_func("/pcapng/interface/keeps to the limits", test_interface_limits);
	g_test_add_func("/pcapng/packet/holds all options at any length", test_packet);
	g_test_add_func("/pcapng/packet/leaves out what is unknown", test_packet_without);
	g_test_add_func("/pcapng/packet/is cut to the largest block", test_packet_limit);
	g_test_add_func("/pcapng/packet/is appended", test_append);
	g_test_add_func("/pcapng/packet/that is not written whole is counted", test_unwritten);
	g_test_add_func("/pcapng/statistics/hold all counters", test_statistics);
	g_test_add_func("/pcapng/words", test_words);
	g_test_add_func("/pcapng/words alone", test_words_alone);
	return g_test_run();
}
