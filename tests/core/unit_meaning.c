/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* What classic programs mean: bpf_filter()'s rules, and Linux's extensions at XDP. */
#include "machine.h"
#include "unit.h"

#define RETURN_A                                                                                   \
	{                                                                                          \
		BPF_RET | BPF_A, 0, 0, 0                                                           \
	}

static const guint8 frame[64] = { 0x02, 0, 0,	 0,    0,    1,	   0x02, 0,    0,    0,
				  0,	2, 0x08, 0x00, 0x46, 0x11, 0x22, 0x33, 0x44, 0x55 };

typedef struct {
	const gchar *what;
	struct sock_filter code[6];
	gsize length;
	guint32 value;
} Meaning;

static const Meaning meanings[] = {
	{ "A and X start at 0", { { BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 }, RETURN_A }, 2, 0 },
	{ "M[] starts at 0", { { BPF_LD | BPF_MEM, 0, 0, 3 }, RETURN_A }, 2, 0 },
	{ "the length is that on the wire", { { BPF_LD | BPF_LEN, 0, 0, 0 }, RETURN_A }, 2, 64 },
	{ "words are big endian",
	  { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 15 }, RETURN_A },
	  2,
	  0x11223344 },
	{ "halves are big endian", { { BPF_LD | BPF_H | BPF_ABS, 0, 0, 12 }, RETURN_A }, 2, 0x800 },
	{ "a load whose value is not used must be in bounds",
	  { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 64 }, { BPF_LD | BPF_IMM, 0, 0, 5 }, RETURN_A },
	  3,
	  0 },
	{ "the last byte is in bounds",
	  { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 63 }, { BPF_LD | BPF_IMM, 0, 0, 5 }, RETURN_A },
	  3,
	  5 },
	{ "X + k does not wrap",
	  { { BPF_LDX | BPF_IMM, 0, 0, 0xffffffff },
	    { BPF_LD | BPF_B | BPF_IND, 0, 0, 13 },
	    { BPF_LD | BPF_IMM, 0, 0, 5 },
	    RETURN_A },
	  4,
	  0 },
	{ "X from the packet + k does not wrap",
	  { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 60 },
	    { BPF_ALU | BPF_SUB | BPF_K, 0, 0, 4 },
	    { BPF_MISC | BPF_TAX, 0, 0, 0 },
	    { BPF_LD | BPF_B | BPF_IND, 0, 0, 18 },
	    { BPF_LD | BPF_IMM, 0, 0, 5 },
	    RETURN_A },
	  6,
	  0 },
	{ "division by an X of 0 ends the program",
	  { { BPF_LD | BPF_IMM, 0, 0, 5 },
	    { BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0 },
	    { BPF_LD | BPF_IMM, 0, 0, 6 },
	    RETURN_A },
	  4,
	  0 },
	{ "modulo by an X of 0 from the packet ends the program",
	  { { BPF_LDX | BPF_B | BPF_MSH, 0, 0, 40 },
	    { BPF_LD | BPF_IMM, 0, 0, 5 },
	    { BPF_ALU | BPF_MOD | BPF_X, 0, 0, 0 },
	    { BPF_LD | BPF_IMM, 0, 0, 6 },
	    RETURN_A },
	  5,
	  0 },
	{ "a shift by 32 gives 0",
	  { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 15 },
	    { BPF_LDX | BPF_IMM, 0, 0, 32 },
	    { BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0 },
	    RETURN_A },
	  4,
	  0 },
	{ "a shift by an X of 32 or more from the packet gives 0",
	  { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 18 },
	    { BPF_MISC | BPF_TAX, 0, 0, 0 },
	    { BPF_LD | BPF_IMM, 0, 0, 1 },
	    { BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0 },
	    RETURN_A },
	  5,
	  0 },
	{ "a constant shift by 32 gives 0",
	  { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 15 },
	    { BPF_ALU | BPF_RSH | BPF_K, 0, 0, 32 },
	    RETURN_A },
	  3,
	  0 },
	{ "a constant is shifted by 32 to 0",
	  { { BPF_LD | BPF_IMM, 0, 0, 5 },
	    { BPF_LDX | BPF_IMM, 0, 0, 33 },
	    { BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0 },
	    RETURN_A },
	  4,
	  0 },
	{ "negation is 0 - A",
	  { { BPF_LD | BPF_IMM, 0, 0, 1 }, { BPF_ALU | BPF_NEG, 0, 0, 0 }, RETURN_A },
	  3,
	  0xffffffff },
	{ "4 times the low nibble, A kept",
	  { { BPF_LD | BPF_IMM, 0, 0, 1 },
	    { BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14 },
	    { BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
	    RETURN_A },
	  4,
	  25 },
};

static void test_meanings(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++) {
		const Meaning *meaning = &meanings[i];
		struct cbpf_program *program =
			machine_compile(meaning->code, meaning->length, NULL);

		g_test_message("%s", meaning->what);
		g_assert_cmpuint(machine_run(program, frame, sizeof(frame)).value, ==,
				 meaning->value);
		cbpf_program_free(program);
	}
}

typedef struct {
	guint32 k;
	guint32 value;
} Extension;

static const Extension extensions[] = {
	{ (guint32)(SKF_AD_OFF + SKF_AD_PROTOCOL), 0x800 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_PKTTYPE), 0 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_IFINDEX), MACHINE_IFINDEX },
	{ (guint32)(SKF_AD_OFF + SKF_AD_MARK), 0 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_QUEUE), MACHINE_QUEUE },
	{ (guint32)(SKF_AD_OFF + SKF_AD_HATYPE), 1 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_CPU), MACHINE_CPU },
	{ (guint32)(SKF_AD_OFF + SKF_AD_ALU_XOR_X), 0 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TAG), 0 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT), 0 },
	{ (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TPID), 0 },
	{ (guint32)SKF_NET_OFF, 0x46112233 },
	{ (guint32)SKF_LL_OFF + 12, 0x08004611 },
	/* Not extensions: out of bounds. */
	{ (guint32)(SKF_AD_OFF + SKF_AD_MAX), 0 },
	{ (guint32)SKF_LL_OFF - 1, 0 },
	{ 0x80000000, 0 },
};

static void test_extensions(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(extensions); i++) {
		const struct sock_filter code[] = {
			{ BPF_LD | BPF_W | BPF_ABS, 0, 0, extensions[i].k },
			RETURN_A,
		};
		struct cbpf_program *program = machine_compile(code, 2, NULL);

		g_test_message("offset 0x%08x", extensions[i].k);
		g_assert_cmpuint(machine_run(program, frame, sizeof(frame)).value, ==,
				 extensions[i].value);
		cbpf_program_free(program);
	}
}

static void test_protocol_of_short_frame(void)
{
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_PROTOCOL) },
		{ BPF_RET | BPF_K, 0, 0, 7 },
	};
	struct cbpf_program *program = machine_compile(code, 2, NULL);

	g_assert_cmpuint(machine_run(program, frame, 13).value, ==, 0);
	g_assert_cmpuint(machine_run(program, frame, 14).value, ==, 7);
	cbpf_program_free(program);
}

/* Offsets that do not fit into an eBPF load. */
static void test_far_loads(void)
{
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_H | BPF_ABS, 0, 0, 32767 }, { BPF_MISC | BPF_TAX, 0, 0, 0 },
		{ BPF_LD | BPF_H | BPF_ABS, 0, 0, 39998 }, { BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
		{ BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14 },   { BPF_ST, 0, 0, 0 },
		{ BPF_LD | BPF_B | BPF_IND, 0, 0, 33000 }, { BPF_LDX | BPF_MEM, 0, 0, 0 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },	   RETURN_A,
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	g_autofree guint8 *bytes = g_malloc0(40000);

	bytes[14] = 0x45;
	bytes[32767] = 1;
	bytes[39999] = 5;
	bytes[33020] = 3;
	g_assert_cmpuint(machine_run(program, bytes, 40000).value, ==, 256 + 5 + 3);
	g_assert_cmpuint(machine_run(program, bytes, 39999).value, ==, 0);
	cbpf_program_free(program);
}

static void test_arguments_survive_calls(void)
{
	const struct sock_filter code[] = {
		{ BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_CPU) },
		{ BPF_ST, 0, 0, 0 },
		{ BPF_LD | BPF_B | BPF_IND, 0, 0, 0 },
		{ BPF_LDX | BPF_MEM, 0, 0, 0 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
		{ BPF_MISC | BPF_TAX, 0, 0, 0 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_QUEUE) },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
		RETURN_A,
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	guint8 bytes[64] = { [14] = 0x46, [24] = 100 };

	g_assert_cmpuint(machine_run(program, bytes, sizeof(bytes)).value, ==,
			 100 + MACHINE_CPU + MACHINE_QUEUE);
	cbpf_program_free(program);
}

/* The filter "ether[100] = 1" with only a part of the packet in the buffer. */
static void test_buffer(void)
{
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 100 },
		RETURN_A,
	};
	struct cbpf_options options = { .size = sizeof(options),
					.access = CBPF_ACCESS_BUFFER,
					.buffer_size = 128 };
	struct cbpf_program *program = machine_compile(code, 2, &options);
	guint8 bytes[128] = { [100] = 9 };

	g_assert_cmpuint(machine_run_buffer(program, bytes, 128, 128, 9000).value, ==, 9);
	g_assert_cmpuint(machine_run_buffer(program, bytes, 101, 128, 9000).value, ==, 9);
	g_assert_cmpuint(machine_run_buffer(program, bytes, 100, 128, 9000).value, ==, 0);
	g_assert_cmpuint(cbpf_program_reach(program), ==, 101);
	cbpf_program_free(program);
	options.buffer_size = 100;
	program = machine_compile(code, 2, &options);
	g_assert_cmpuint(machine_run_buffer(program, bytes, 100, 100, 9000).value, ==, 0);
	cbpf_program_free(program);
}

static void test_endless_loop_ends(void)
{
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ, 1, 0, 1 },
		{ BPF_JMP | BPF_JA, 0, 0, (guint32)-3 },
		{ BPF_RET | BPF_K, 0, 0, 1 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	const guint8 goes[1] = { 1 }, hangs[1] = { 0 };

	g_assert_cmpuint(machine_run(program, goes, 1).value, ==, 1);
	g_assert_cmpuint(machine_run(program, hangs, 1).value, ==, 0);
	cbpf_program_free(program);
}

void unit_meaning_add(void)
{
	g_test_add_func("/meaning/bpf-filter", test_meanings);
	g_test_add_func("/meaning/extensions", test_extensions);
	g_test_add_func("/meaning/protocol-of-a-short-frame", test_protocol_of_short_frame);
	g_test_add_func("/meaning/far-loads", test_far_loads);
	g_test_add_func("/meaning/arguments-survive-helper-calls", test_arguments_survive_calls);
	g_test_add_func("/meaning/buffer-access", test_buffer);
	g_test_add_func("/meaning/endless-loop-ends", test_endless_loop_ends);
}
