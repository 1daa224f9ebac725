/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* What each pass does to the code. */
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "reference.h"
#include "unit.h"

/* Opcodes of the emitted code that show what was done. */
#define CHECK_LENGTH (BPF_JMP | BPF_JGT | BPF_X)
#define LOAD_HALF    (BPF_LDX | BPF_H | BPF_MEM)
#define LOAD_WORD    (BPF_LDX | BPF_W | BPF_MEM)
#define STORE_ZERO   (BPF_ST | BPF_W | BPF_MEM)

static void test_zeroing(void)
{
	/* M[2] is read before it is written on one path only, M[1] on none. */
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },	{ BPF_ST, 0, 0, 1 },
		{ BPF_JMP | BPF_JEQ, 1, 0, 3 },		{ BPF_ST, 0, 0, 2 },
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 },	{ BPF_LDX | BPF_MEM, 0, 0, 2 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 }, { BPF_LDX | BPF_MEM, 0, 0, 1 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 }, { BPF_RET | BPF_A, 0, 0, 0 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	const guint8 written[] = { 5, 1 }, unwritten[] = { 3, 1 };

	g_assert_cmpuint(machine_count(program, STORE_ZERO), ==, 1);
	g_assert_cmpuint(machine_run(program, written, 2).value, ==, 11);
	g_assert_cmpuint(machine_run(program, unwritten, 2).value, ==, 4);
	cbpf_program_free(program);
}

static void test_checks_merge(void)
{
	struct cbpf_program *program = machine_filter("ip src 10.0.0.1", TRUE);

	/* Type at 12 and address at 26: nothing shorter than 30 bytes matches. */
	g_assert_cmpuint(machine_count(program, CHECK_LENGTH), ==, 1);
	g_assert_cmpuint(cbpf_program_reach(program), ==, 30);
	cbpf_program_free(program);
}

static void test_pointer_is_kept(void)
{
	struct cbpf_program *program =
		machine_filter("tcp[0:2] = 1 and tcp[2:2] = 2 and tcp[4:4] = 3", TRUE);

	/* One for the fixed part, one for the part behind the IP header. */
	g_assert_cmpuint(machine_count(program, CHECK_LENGTH), ==, 2);
	g_assert_cmpuint(cbpf_program_reach(program), ==, 14 + 60 + 8);
	cbpf_program_free(program);
}

static void test_repeated_loads(void)
{
	struct cbpf_program *program =
		machine_filter("ip or arp or ip6 or ether proto 0x1234", FALSE);

	g_assert_cmpuint(machine_count(program, LOAD_HALF), ==, 1);
	cbpf_program_free(program);
}

#define NETWORKS 20

/* Comparisons with only one possible outcome are left out: the kernel's verifier complains about
 * them. With 20 adjacent networks, the last case of most leaves of the search is such. */
static void test_complete_search(void)
{
	struct sock_filter code[NETWORKS + 4] = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 26 },
						  { BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xffff0000 } };
	struct cbpf_program *program;

	for (guint i = 0; i < NETWORKS; i++)
		code[i + 2] = (struct sock_filter){ BPF_JMP | BPF_JEQ, NETWORKS - i, 0,
						    0x0a000000 + (i << 16) };
	code[NETWORKS + 2] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 0 };
	code[NETWORKS + 3] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 1 };
	program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	/* The two leaves at the ends are open on one side. */
	g_assert_cmpuint(machine_count(program, BPF_JMP32 | BPF_JEQ | BPF_K), <=, NETWORKS - 6);
	for (guint i = 0; i < NETWORKS + 2; i++) {
		guint8 packet[30] = {
			[26] = i == 0 ? 9 : 10, [27] = (guint8)(i == 0 ? 255 : i - 1), [28] = 77
		};

		g_assert_cmpuint(machine_run(program, packet, sizeof(packet)).value, ==,
				 i > 0 && i <= NETWORKS);
	}
	cbpf_program_free(program);
}

static void test_known_bits(void)
{
	/* A is 0 or at least 1 << 25, X is at most 15: A > X unless A is 0. */
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_ALU | BPF_AND | BPF_K, 0, 0, 15 },
		{ BPF_MISC | BPF_TAX, 0, 0, 0 },
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 },
		{ BPF_ALU | BPF_LSH | BPF_K, 0, 0, 25 },
		{ BPF_JMP | BPF_JGT | BPF_K, 1, 0, 0 },
		{ BPF_RET | BPF_K, 0, 0, 0 },
		{ BPF_JMP | BPF_JGT | BPF_X, 0, 1, 0 },
		{ BPF_RET | BPF_K, 0, 0, 1 },
		{ BPF_RET | BPF_K, 0, 0, 2 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	const guint8 more[] = { 255, 1 }, none[] = { 255, 128 };

	g_assert_cmpuint(machine_count(program, BPF_JMP32 | BPF_JGT | BPF_X), ==, 0);
	g_assert_cmpuint(machine_run(program, more, 2).value, ==, 1);
	g_assert_cmpuint(machine_run(program, none, 2).value, ==, 0);
	cbpf_program_free(program);
}

static void test_same_pair(void)
{
	/* What is greater than X is not equal to X. */
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 }, { BPF_MISC | BPF_TAX, 0, 0, 0 },
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 }, { BPF_JMP | BPF_JGT | BPF_X, 1, 0, 0 },
		{ BPF_RET | BPF_K, 0, 0, 3 },	       { BPF_JMP | BPF_JEQ | BPF_X, 0, 1, 0 },
		{ BPF_RET | BPF_K, 0, 0, 1 },	       { BPF_RET | BPF_K, 0, 0, 2 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	const guint8 greater[] = { 1, 2 }, equal[] = { 2, 2 };

	g_assert_cmpuint(machine_count(program, BPF_JMP32 | BPF_JEQ | BPF_X), ==, 0);
	g_assert_cmpuint(machine_run(program, greater, 2).value, ==, 2);
	g_assert_cmpuint(machine_run(program, equal, 2).value, ==, 3);
	cbpf_program_free(program);
}

static void test_reach(void)
{
	struct cbpf_program *program = machine_filter("ip[ip[2:2]] = 1", TRUE);

	g_assert_cmpuint(cbpf_program_reach(program), ==, 65535 + 14 + 1);
	cbpf_program_free(program);
	program = machine_filter("ip[ip[12:4]] = 1", TRUE);
	g_assert_cmpuint(cbpf_program_reach(program), ==, UINT32_MAX);
	cbpf_program_free(program);
	program = machine_filter("greater 100", TRUE);
	g_assert_cmpuint(cbpf_program_reach(program), ==, 0);
	cbpf_program_free(program);
}

static void test_uses(void)
{
	static const struct {
		guint32 k, uses;
	} loads[] = {
		{ 12, 0 },
		{ 0, 0 },
		{ (guint32)(SKF_AD_OFF + SKF_AD_IFINDEX), CBPF_USES_IFINDEX },
		{ (guint32)(SKF_AD_OFF + SKF_AD_QUEUE), CBPF_USES_QUEUE },
	};
	struct cbpf_program *program = machine_filter("greater 100", TRUE);

	g_assert_cmpuint(cbpf_program_uses(program), ==, CBPF_USES_LENGTH);
	cbpf_program_free(program);
	for (guint i = 0; i < G_N_ELEMENTS(loads); i++) {
		const struct sock_filter code[] = {
			{ BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 }, /* unused */
			{ BPF_LD | BPF_W | BPF_ABS, 0, 0, loads[i].k },
			{ BPF_RET | BPF_A, 0, 0, 0 },
		};

		program = machine_compile(code, G_N_ELEMENTS(code), NULL);
		g_assert_cmpuint(cbpf_program_uses(program), ==, loads[i].uses);
		cbpf_program_free(program);
	}
}

static void test_random_numbers(void)
{
	/* Every random number is a new one, not one that is known already. */
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_RANDOM) },
		{ BPF_MISC | BPF_TAX, 0, 0, 0 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)(SKF_AD_OFF + SKF_AD_RANDOM) },
		{ BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);

	g_assert_cmpuint(machine_count(program, BPF_JMP | BPF_CALL), ==, 2);
	cbpf_program_free(program);
}

/* Code that an instruction becomes has its index; the frame of the function has none. */
static void test_origin_of_each(void)
{
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_H | BPF_ABS, 0, 0, 12 },
		{ BPF_JMP | BPF_JGT, 1, 0, 0x800 },
		{ BPF_RET | BPF_K, 0, 0, 77 },
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 23 },
		{ BPF_LDX | BPF_MEM, 0, 0, 1 },
		{ BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0 },
		{ BPF_JMP | BPF_JGE | BPF_K, 0, 3, 9 },
		{ BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14 },
		{ BPF_STX, 0, 0, 1 },
		{ BPF_JMP | BPF_JA, 0, 0, (guint32)-6 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	static const struct {
		guint8 opcode;
		guint32 origin;
	} wanted[] = {
		{ STORE_ZERO, UINT32_MAX },	    { LOAD_HALF, 0 },
		{ BPF_JMP32 | BPF_JLE | BPF_K, 1 }, { BPF_ALU | BPF_XOR | BPF_X, 5 },
		{ BPF_ALU | BPF_LSH | BPF_K, 7 },   { BPF_STX | BPF_W | BPF_MEM, 8 },
		{ BPF_ALU64 | BPF_SUB | BPF_K, 9 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);
	const guint32 *origins = cbpf_program_origins(program);
	const struct bpf_insn *insns;
	size_t count;

	insns = cbpf_program_insns(program, &count);
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		guint found = 0;

		for (size_t j = 0; j < count; j++) {
			if (insns[j].code != wanted[i].opcode)
				continue;
			found++;
			g_assert_cmpuint(origins[j], ==, wanted[i].origin);
		}
		g_assert_cmpuint(found, ==, 1);
	}
	cbpf_program_free(program);
}

static void test_origins(void)
{
	struct cbpf_program *program = machine_filter("tcp port 80", TRUE);
	const guint32 *origins = cbpf_program_origins(program);
	size_t count;

	(void)cbpf_program_insns(program, &count);
	for (size_t i = 0; i < count; i++)
		g_assert_true(origins[i] < 20 || origins[i] == UINT32_MAX);
	cbpf_program_free(program);
}

/* libpcap's unoptimised code for "host 10.0.0.1 or host 10.0.0.4 or ...". */
static gsize hosts_code(struct sock_filter *code, guint32 hosts)
{
	static const guint32 fields[][2] = { { 0x800, 26 }, { 0x800, 30 },  { 0x806, 28 },
					     { 0x806, 38 }, { 0x8035, 28 }, { 0x8035, 38 } };
	gsize n = 0, total = (gsize)hosts * 30;

	for (guint32 host = 0; host < hosts; host++) {
		for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
			code[n++] = (struct sock_filter){ BPF_LD | BPF_H | BPF_ABS, 0, 0, 12 };
			code[n++] = (struct sock_filter){ BPF_JMP | BPF_JEQ, 0, 3, fields[i][0] };
			code[n++] = (struct sock_filter){ BPF_LD | BPF_ABS, 0, 0, fields[i][1] };
			code[n++] = (struct sock_filter){ BPF_JMP | BPF_JEQ, 0, 1,
							  0x0a000001 + 3 * host };
			code[n] = (struct sock_filter){ BPF_JMP | BPF_JA, 0, 0,
							(guint32)(total - n) };
			n++;
		}
	}
	code[n++] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 0 };
	code[n++] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 262144 };
	return n;
}

/* Addresses in the list, and others between them and outside. */
static void search_hosts(guint32 hosts, guint64 steps_most)
{
	struct sock_filter *code = g_new0(struct sock_filter, (gsize)hosts * 30 + 2);
	struct cbpf_program *program = machine_compile(code, hosts_code(code, hosts), NULL);
	guint8 bytes[60] = { [12] = 8, [14] = 0x45 };
	guint64 most = 0;

	for (guint32 address = 0x0a000000; address < 0x0a000000 + 3 * hosts + 9;
	     address += 1 + hosts / 8000) {
		guint32 field = GUINT32_TO_BE(address);
		guint32 delta = address - 0x0a000001;
		gboolean wanted = address > 0x0a000000 && delta % 3 == 0 && delta / 3 < hosts;
		struct vm_result result;

		memcpy(bytes + 30, &field, sizeof(field));
		result = machine_run(program, bytes, sizeof(bytes));
		g_assert_cmpuint(result.value != 0, ==, wanted);
		most = MAX(most, result.steps);
	}
	g_assert_cmpuint(most, <, steps_most);
	cbpf_program_free(program);
	g_free(code);
}

static void test_thousands_of_hosts(void)
{
	/* Two searches of twelve steps, not 8,000 comparisons. */
	search_hosts(4000, 60);
	/* More than a jump can span. */
	search_hosts(30000, 80);
}

static void test_search_needs_equal_targets(void)
{
	/* A chain of two fields with two targets must not be reordered. */
	const struct sock_filter code[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 }, { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ, 14, 0, 1 },       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 },
		{ BPF_JMP | BPF_JEQ, 13, 0, 1 },       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ, 10, 0, 2 },       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 },
		{ BPF_JMP | BPF_JEQ, 9, 0, 2 },	       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ, 6, 0, 3 },	       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 },
		{ BPF_JMP | BPF_JEQ, 5, 0, 3 },	       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ, 2, 0, 4 },	       { BPF_LD | BPF_B | BPF_ABS, 0, 0, 1 },
		{ BPF_RET | BPF_K, 0, 0, 9 },	       { BPF_RET | BPF_K, 0, 0, 1 },
		{ BPF_RET | BPF_K, 0, 0, 2 },
	};
	struct cbpf_program *program = machine_compile(code, G_N_ELEMENTS(code), NULL);

	for (guint8 a = 0; a < 6; a++) {
		for (guint8 b = 0; b < 6; b++) {
			const guint8 bytes[2] = { a, b };

			g_assert_cmpuint(machine_run(program, bytes, 2).value, ==,
					 reference_run(code, bytes, 2, 2));
		}
	}
	cbpf_program_free(program);
}

static void test_far_jumps(void)
{
	/* A comparison that jumps over more instructions than fit between two islands. */
	const gsize length = 30000;
	struct sock_filter *code = g_new0(struct sock_filter, length);
	struct cbpf_program *program;
	const guint8 taken[] = { 1, 0, 0, 0 }, other[] = { 0, 0, 0, 7 };
	gsize n = 0;

	code[n++] = (struct sock_filter){ BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 };
	code[n++] = (struct sock_filter){ BPF_JMP | BPF_JEQ, 0, 1, 1 };
	code[n] = (struct sock_filter){ BPF_JMP | BPF_JA, 0, 0, (guint32)(length - 2 - n) };
	n++;
	code[n++] = (struct sock_filter){ BPF_LD | BPF_B | BPF_ABS, 0, 0, 3 };
	while (n < length - 2) {
		code[n++] = (struct sock_filter){ BPF_ALU | BPF_MUL, 0, 0, 3 };
		code[n++] = (struct sock_filter){ BPF_ALU | BPF_XOR, 0, 0, 5 };
	}
	code[length - 2] = (struct sock_filter){ BPF_RET | BPF_A, 0, 0, 0 };
	code[length - 1] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 77 };
	program = machine_compile(code, length, NULL);
	g_assert_cmpuint(machine_run(program, taken, 4).value, ==, 77);
	g_assert_cmpuint(machine_run(program, other, 4).value, ==,
			 reference_run(code, other, 4, 4));
	cbpf_program_free(program);
	g_free(code);
}

void unit_pass_add(void)
{
	g_test_add_func("/pass/zeroing-of-what-is-read-before-written", test_zeroing);
	g_test_add_func("/pass/bounds-checks-merge", test_checks_merge);
	g_test_add_func("/pass/pointer-is-kept", test_pointer_is_kept);
	g_test_add_func("/pass/repeated-loads-vanish", test_repeated_loads);
	g_test_add_func("/pass/complete-search", test_complete_search);
	g_test_add_func("/pass/known-bits", test_known_bits);
	g_test_add_func("/pass/same-pair", test_same_pair);
	g_test_add_func("/pass/reach", test_reach);
	g_test_add_func("/pass/uses", test_uses);
	g_test_add_func("/pass/random-numbers", test_random_numbers);
	g_test_add_func("/pass/origins", test_origins);
	g_test_add_func("/pass/origin-of-each", test_origin_of_each);
	g_test_add_func("/pass/thousands-of-hosts-are-searched", test_thousands_of_hosts);
	g_test_add_func("/pass/search-needs-equal-targets", test_search_needs_equal_targets);
	g_test_add_func("/pass/far-jumps", test_far_jumps);
}
