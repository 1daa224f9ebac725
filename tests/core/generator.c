/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Makes classic programs and packets from a seed: the same ones on every machine. */
#include "generator.h"

#include <stdbool.h>
#include <string.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t generator_next(struct generator *generator)
{
	uint64_t z = generator->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void generator_seed(struct generator *generator, uint64_t seed)
{
	generator->state = seed * 0x2545f4914f6cdd1du + 1;
}

uint32_t generator_number(struct generator *generator, uint32_t limit)
{
	return (uint32_t)((generator_next(generator) >> 32) % limit);
}

static bool chance(struct generator *generator, uint32_t percent)
{
	return generator_number(generator, 100) < percent;
}

/* Kinds of instructions to choose from: a profile has their weights. */
enum draw {
	DRAW_LOAD,
	DRAW_LOAD_X,
	DRAW_MSH,
	DRAW_IMM,
	DRAW_SCRATCH,
	DRAW_ALU_K,
	DRAW_ALU_X,
	DRAW_MOVE,
	DRAW_LENGTH,
	DRAW_BRANCH,
	DRAW_JUMP,
	DRAW_RETURN,
	DRAW_COUNT,
};

static const uint8_t profiles[][DRAW_COUNT] = {
	/* load ind msh imm scratch aluk alux move len branch jump return */
	{ 10, 10, 4, 4, 8, 8, 6, 6, 2, 16, 2, 3 },  /* everything */
	{ 4, 24, 8, 3, 2, 4, 2, 8, 1, 24, 2, 3 },   /* joins of loads relative to X */
	{ 4, 16, 2, 8, 2, 6, 8, 12, 4, 12, 1, 2 },  /* X at the edges of 32 bits */
	{ 4, 4, 1, 4, 26, 6, 4, 6, 2, 20, 2, 2 },   /* scratch words through branches */
	{ 24, 2, 2, 1, 1, 4, 1, 1, 1, 40, 1, 4 },   /* comparisons of fields */
	{ 2, 2, 1, 8, 4, 24, 24, 10, 3, 10, 1, 2 }, /* arithmetic */
};

/* Edge cases. */
static const uint32_t edges[] = { 0,	      1,	  2,	     3,		 4,
				  13,	      14,	  15,	     31,	 32,
				  60,	      0xff,	  0x100,     0x7fff,	 0x8000,
				  0xfffe,     0xffff,	  0x10000,   0x7fffffff, 0x80000000,
				  0xffdfffff, 0xfffffffe, 0xffffffff };

#define EDGES (sizeof(edges) / sizeof(edges[0]))

static uint32_t any_constant(struct generator *generator)
{
	if (chance(generator, 60))
		return generator_number(generator, 24);
	if (chance(generator, 80))
		return edges[generator_number(generator, EDGES)];
	return (uint32_t)generator_next(generator);
}

/* Mostly within a packet, sometimes an edge case; never one of Linux's extensions. */
static uint32_t any_offset(struct generator *generator)
{
	uint32_t offset = generator_number(generator, 40);

	if (chance(generator, 4))
		offset = edges[generator_number(generator, EDGES)];
	return offset >= 0xffe00000 ? 0xffdfffff : offset;
}

static uint16_t any_size(struct generator *generator)
{
	static const uint16_t sizes[] = { BPF_W, BPF_H, BPF_B, BPF_B };

	return sizes[generator_number(generator, 4)];
}

static struct sock_filter draw_alu(struct generator *generator, bool relative)
{
	static const uint16_t operations[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
					       BPF_OR,	BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG };
	uint16_t operation = operations[generator_number(generator, relative ? 10 : 11)];
	struct sock_filter insn = { .code = BPF_ALU | operation };

	if (relative) {
		insn.code |= BPF_X;
		return insn;
	}
	insn.k = any_constant(generator);
	if (operation == BPF_LSH || operation == BPF_RSH)
		insn.k &= 31;
	if ((operation == BPF_DIV || operation == BPF_MOD) && insn.k == 0)
		insn.k = 3;
	return insn;
}

static struct sock_filter draw_branch(struct generator *generator, size_t index, size_t length)
{
	static const uint16_t tests[] = { BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	uint32_t room = (uint32_t)(length - 1 - index - 1);
	uint32_t near = room < 12 || chance(generator, 20) ? room + 1 : 12;
	struct sock_filter insn = { .code = BPF_JMP };

	insn.code |= tests[generator_number(generator, 5)] | (chance(generator, 20) ? BPF_X : 0);
	insn.jt = (uint8_t)generator_number(generator, near);
	insn.jf = (uint8_t)generator_number(generator, near);
	insn.k = any_constant(generator);
	return insn;
}

static struct sock_filter draw_insn(struct generator *generator, enum draw draw, size_t index,
				    size_t length, uint32_t words)
{
	struct sock_filter insn = { 0 };
	bool x = chance(generator, 40);

	switch (draw) {
	case DRAW_LOAD:
		insn.code = BPF_LD | BPF_ABS | any_size(generator);
		insn.k = any_offset(generator);
		break;
	case DRAW_LOAD_X:
		insn.code = BPF_LD | BPF_IND | any_size(generator);
		insn.k = any_offset(generator);
		break;
	case DRAW_MSH:
		insn.code = BPF_LDX | BPF_B | BPF_MSH;
		insn.k = any_offset(generator);
		break;
	case DRAW_IMM:
		insn.code = (x ? BPF_LDX : BPF_LD) | BPF_IMM;
		insn.k = any_constant(generator);
		break;
	case DRAW_SCRATCH:
		insn.k = generator_number(generator, words);
		insn.code = x ? BPF_LDX | BPF_MEM : BPF_LD | BPF_MEM;
		if (chance(generator, 50))
			insn.code = x ? BPF_STX : BPF_ST;
		break;
	case DRAW_ALU_K:
		return draw_alu(generator, false);
	case DRAW_ALU_X:
		return draw_alu(generator, true);
	case DRAW_MOVE:
		insn.code = BPF_MISC | (chance(generator, 65) ? BPF_TAX : BPF_TXA);
		break;
	case DRAW_LENGTH:
		insn.code = (x ? BPF_LDX : BPF_LD) | BPF_W | BPF_LEN;
		break;
	case DRAW_BRANCH:
		return draw_branch(generator, index, length);
	case DRAW_JUMP:
		insn.code = BPF_JMP | BPF_JA;
		insn.k = generator_number(generator, (uint32_t)(length - 1 - index));
		break;
	default:
		insn.code = BPF_RET | (chance(generator, 50) ? BPF_A : BPF_K);
		insn.k = any_constant(generator);
	}
	return insn;
}

size_t generator_program(struct generator *generator, struct sock_filter code[GENERATOR_INSNS])
{
	uint32_t count = (uint32_t)(sizeof(profiles) / sizeof(profiles[0]));
	const uint8_t *profile = profiles[generator_number(generator, count)];
	uint32_t words = 1 + generator_number(generator, 4);
	size_t length = 6 + generator_number(generator, GENERATOR_INSNS - 6);
	uint32_t total = 0;
	size_t index = 0;

	for (int i = 0; i < DRAW_COUNT; i++)
		total += profile[i];
	for (; index < words && index + 3 < length; index++)
		code[index] = (struct sock_filter){ .code = BPF_ST, .k = (uint32_t)index };
	words = (uint32_t)index;
	for (; index + 1 < length; index++) {
		uint32_t drawn = generator_number(generator, total);
		int draw = 0;

		while (drawn >= profile[draw])
			drawn -= profile[draw++];
		code[index] = draw_insn(generator, (enum draw)draw, index, length, words);
	}
	code[index] = (struct sock_filter){ .code = BPF_RET | BPF_A };
	return length;
}

uint32_t generator_packet(struct generator *generator, uint8_t bytes[GENERATOR_BYTES])
{
	uint32_t length = 1 + generator_number(generator, chance(generator, 50) ? 48 : 200);

	for (uint32_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)generator_number(generator, chance(generator, 60) ? 24 : 256);
	return length;
}
