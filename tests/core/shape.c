/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Makes classic programs of any length, of shapes that are hard on some pass. */
#include "shape.h"

typedef ShapeCode Code;

static void add(Code *code, guint opcode, guint jt, guint jf, guint64 k)
{
	g_assert_cmpuint(code->length, <, code->most + SHAPE_SPARE);
	code->code[code->length++] =
		(struct sock_filter){ (guint16)opcode, (guint8)jt, (guint8)jf, (guint32)k };
}

static void add_load(Code *code, guint size, guint32 k)
{
	add(code, BPF_LD | BPF_ABS | size, 0, 0, k);
}

static void add_plus(Code *code, guint32 k)
{
	add(code, BPF_ALU | BPF_ADD | BPF_K, 0, 0, k);
}

static void add_equal(Code *code, guint32 k, guint jt, guint jf)
{
	add(code, BPF_JMP | BPF_JEQ | BPF_K, jt, jf, k);
}

/* A jump to the instruction target, in either direction. */
static void add_jump(Code *code, gsize target)
{
	add(code, BPF_JMP | BPF_JA, 0, 0, target - code->length - 1);
}

static void add_return(Code *code, guint32 k)
{
	add(code, BPF_RET | BPF_K, 0, 0, k);
}

static void add_return_a(Code *code)
{
	add(code, BPF_RET | BPF_A, 0, 0, 0);
}

/* True while there is room for this many instructions and the end of the program. */
static gboolean room(const Code *code, gsize insns)
{
	return code->length + insns + 8 <= code->most;
}

/* Fills up to the last four instructions, which jumps lead to. */
static gsize end(const Code *code)
{
	return code->most - 4;
}

static void add_end(Code *code)
{
	while (code->length < end(code))
		add_plus(code, 0);
	add_return(code, 5);
}

static void shape_arithmetic(Code *code)
{
	add_load(code, BPF_B, 0);
	while (room(code, 1))
		add_plus(code, (guint32)code->length | 1);
	add_return_a(code);
}

/* Compares two fields, then a long sum of a third. */
static void shape_deep_value(Code *code)
{
	add_load(code, BPF_W, 4);
	for (guint field = 0; field < 3; field++) {
		add_load(code, BPF_W, 4 * field);
		while (field == 2 && room(code, 40))
			add_plus(code, 1);
		for (guint i = 0; i < 3; i++) {
			add_equal(code, 70 + i, 0, 1);
			add_jump(code, end(code));
		}
	}
	add_return(code, 3);
	add_end(code);
}

static void shape_jumps(Code *code)
{
	while (room(code, 1))
		add_jump(code, code->length + 1);
	add_return(code, 7);
}

static void shape_returns(Code *code)
{
	add_load(code, BPF_W, 0);
	for (guint32 i = 0; room(code, 2); i++) {
		add_equal(code, 3 * i, 0, 1);
		add_return(code, i);
	}
	add_return(code, 3);
}

static void shape_bits(Code *code)
{
	add_load(code, BPF_W, 0);
	for (guint32 i = 0; room(code, 2); i++) {
		add(code, BPF_JMP | BPF_JSET, 0, 1, i);
		add_return(code, i & 63);
	}
	add_return(code, 3);
}

static void shape_ranges(Code *code)
{
	add_load(code, BPF_W, 0);
	for (guint32 i = 0; room(code, 2); i++) {
		add(code, BPF_JMP | BPF_JGT, 0, 1, G_MAXUINT32 - i);
		add_return(code, i & 63);
	}
	add_return(code, 3);
}

static void shape_pairs(Code *code)
{
	add_load(code, BPF_W, 0);
	add(code, BPF_MISC | BPF_TAX, 0, 0, 0);
	add_load(code, BPF_W, 4);
	while (room(code, 3)) {
		add(code, BPF_JMP | BPF_JEQ | BPF_X, 0, 1, 0);
		add_return(code, code->length & 63);
		add_plus(code, 1);
	}
	add_return_a(code);
}

static void shape_joins(Code *code)
{
	for (guint word = 0; word < BPF_MEMWORDS; word++)
		add(code, BPF_ST, 0, 0, word);
	for (guint32 i = 0; room(code, 6); i++) {
		add_load(code, BPF_B, i % 60);
		add(code, BPF_ST, 0, 0, i % BPF_MEMWORDS);
		add(code, BPF_LDX | BPF_MEM, 0, 0, 7 * i % BPF_MEMWORDS);
		add(code, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
		add_equal(code, i % 7, 0, 1);
		add_plus(code, i);
	}
	add_return_a(code);
}

/* Two fields in turns, all with one target, which may or may not read A. */
static void fields_by_turns(Code *code)
{
	add_load(code, BPF_W, 4);
	for (guint32 i = 0; room(code, 3); i++) {
		add_load(code, BPF_W, i % 2 ? 0 : 4);
		add_equal(code, 2 * i, 0, 1);
		add_jump(code, end(code));
	}
	while (code->length < end(code))
		add_plus(code, 0);
}

static void shape_turns(Code *code)
{
	fields_by_turns(code);
	add_return(code, 4);
}

static void shape_turns_live(Code *code)
{
	fields_by_turns(code);
	add_plus(code, 1);
	add_return_a(code);
}

/* Many comparisons that are open, each followed by many that are decided by then. */
static void shape_known_questions(Code *code)
{
	gsize half = code->most / 2;

	add_load(code, BPF_W, 0);
	add_equal(code, 7, 0, 1);
	add_return(code, 0);
	while (code->length < half) {
		add_equal(code, (guint32)code->length + 100, 0, 1);
		add_jump(code, half + 2);
	}
	while (code->length < half + 2)
		add_plus(code, 0);
	while (room(code, 2)) {
		add_equal(code, 7, 0, 1);
		add_return(code, 3);
	}
	add_return_a(code);
}

/* Many edges that lead to one long block. */
static void edges_to_block(Code *code, guint size, guint32 k)
{
	gsize half = code->most / 2;

	add_load(code, BPF_B, 9);
	add_load(code, BPF_W, 0);
	while (code->length < half) {
		add_equal(code, (guint32)code->length, 0, 1);
		add_jump(code, half + 1);
	}
	while (code->length < half + 1)
		add_plus(code, 1);
	while (room(code, 1))
		add_load(code, size, k ? k : code->length & 7);
	add_return_a(code);
}

static void shape_edges(Code *code)
{
	edges_to_block(code, BPF_B, 0);
}

static void shape_edges_random(Code *code)
{
	edges_to_block(code, BPF_W, (guint32)(SKF_AD_OFF + SKF_AD_RANDOM));
}

static void shape_loops(Code *code)
{
	while (room(code, 3)) {
		add_load(code, BPF_B, code->length % 50);
		add_equal(code, code->length & 255, 0, 1);
		add_jump(code, code->length - 2);
	}
	add_return_a(code);
}

static void shape_loops_x(Code *code)
{
	while (room(code, 5)) {
		add(code, BPF_LD | BPF_B | BPF_IND, 0, 0, code->length % 50);
		add_plus(code, 1);
		add(code, BPF_MISC | BPF_TAX, 0, 0, 0);
		add_equal(code, code->length & 255, 1, 0);
		add_jump(code, code->length - 4);
	}
	add_return_a(code);
}

/* One loop inside the other. */
static void shape_nested_loops(Code *code)
{
	gsize heads = code->most / 3;

	add_load(code, BPF_B, 1);
	while (code->length < heads)
		add_plus(code, 1);
	for (gsize head = heads - 1; head > 0 && room(code, 2); head--) {
		add_equal(code, (guint32)head, 1, 0);
		add_jump(code, head);
	}
	add_return_a(code);
}

/* Reads all scratch words after many loops. */
static void shape_loops_words(Code *code)
{
	add_load(code, BPF_B, 1);
	while (room(code, 2 + 2 * BPF_MEMWORDS)) {
		add_equal(code, code->length & 255, 1, 0);
		add_jump(code, code->length - 1);
	}
	for (guint word = 0; word < BPF_MEMWORDS; word++) {
		add(code, BPF_LDX | BPF_MEM, 0, 0, word);
		add(code, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	}
	add_return_a(code);
}

/* Each loop continues before the previous one, so that liveness spreads one loop per sweep. */
static void shape_loops_backwards(Code *code)
{
	gsize blocks = (code->most - 20) / 3;

	add_load(code, BPF_B, 1);
	add_jump(code, 2 + 3 * (blocks - 1));
	for (gsize i = 0; i < blocks; i++) {
		add_equal(code, (guint32)(i & 255), 0, 1);
		add_jump(code, i == 0 ? 2 + 3 * blocks : 2 + 3 * (i - 1));
		add_return(code, i & 31);
	}
	add(code, BPF_LDX | BPF_MEM, 0, 0, 3);
	add(code, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	add_return_a(code);
}

static guint32 inverse(guint32 odd)
{
	guint32 result = odd;

	for (guint i = 0; i < 5; i++)
		result *= 2 - odd * result;
	return result;
}

/* Constants that share a bucket of value.c's table while it is small. */
static void shape_collisions(Code *code)
{
	for (guint32 i = 1; room(code, 1); i++) {
		guint32 hash = i << 16;

		hash ^= hash >> 16;
		add(code, BPF_LD | BPF_IMM, 0, 0, i < 65536 ? hash * inverse(0xc2b2ae35) : i);
	}
	add_return_a(code);
}

const Shape shapes[] = {
	{ "arithmetic", shape_arithmetic, TRUE, FALSE },
	{ "deep-value", shape_deep_value, TRUE, FALSE },
	{ "jumps", shape_jumps, TRUE, FALSE },
	{ "returns", shape_returns, TRUE, FALSE },
	{ "bits", shape_bits, TRUE, FALSE },
	{ "ranges", shape_ranges, TRUE, FALSE },
	{ "pairs", shape_pairs, TRUE, FALSE },
	{ "joins", shape_joins, TRUE, FALSE },
	{ "turns", shape_turns, TRUE, FALSE },
	{ "turns-live", shape_turns_live, TRUE, FALSE },
	{ "known-questions", shape_known_questions, TRUE, FALSE },
	{ "edges", shape_edges, TRUE, FALSE },
	{ "edges-random", shape_edges_random, FALSE, FALSE },
	{ "loops", shape_loops, FALSE, FALSE },
	{ "loops-x", shape_loops_x, FALSE, FALSE },
	{ "nested-loops", shape_nested_loops, FALSE, FALSE },
	{ "loops-words", shape_loops_words, FALSE, FALSE },
	{ "loops-backwards", shape_loops_backwards, FALSE, FALSE },
	{ "collisions", shape_collisions, TRUE, TRUE },
};

const gsize shape_count = G_N_ELEMENTS(shapes);
