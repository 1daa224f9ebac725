/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The classic instruction set: opcodes, their names and their forms. */
#include "opcode.h"

#include <stddef.h>

#include "cbpf/cbpf.h"
#include "graph.h"

/* Names and opcodes are those of McCanne and Jacobson, "The BSD Packet Filter" (1993), with
 * libpcap's additions MOD and XOR: the set that libpcap 1.10.3 executes. */
static const struct opcode opcodes[] = {
	{ "ld [k]", BPF_LD | BPF_W | BPF_ABS, FORM_LOAD, PLACE_A, 4 },
	{ "ldh [k]", BPF_LD | BPF_H | BPF_ABS, FORM_LOAD, PLACE_A, 2 },
	{ "ldb [k]", BPF_LD | BPF_B | BPF_ABS, FORM_LOAD, PLACE_A, 1 },
	{ "ld [x + k]", BPF_LD | BPF_W | BPF_IND, FORM_LOAD_X, PLACE_A, 4 },
	{ "ldh [x + k]", BPF_LD | BPF_H | BPF_IND, FORM_LOAD_X, PLACE_A, 2 },
	{ "ldb [x + k]", BPF_LD | BPF_B | BPF_IND, FORM_LOAD_X, PLACE_A, 1 },
	{ "ldxb 4*([k]&0xf)", BPF_LDX | BPF_B | BPF_MSH, FORM_MSH, PLACE_X, 1 },
	{ "ld #len", BPF_LD | BPF_W | BPF_LEN, FORM_LENGTH, PLACE_A, 4 },
	{ "ldx #len", BPF_LDX | BPF_W | BPF_LEN, FORM_LENGTH, PLACE_X, 4 },
	{ "ld #k", BPF_LD | BPF_IMM, FORM_IMM, PLACE_A, 4 },
	{ "ldx #k", BPF_LDX | BPF_IMM, FORM_IMM, PLACE_X, 4 },
	{ "ld M[k]", BPF_LD | BPF_MEM, FORM_MEM, PLACE_A, 4 },
	{ "ldx M[k]", BPF_LDX | BPF_MEM, FORM_MEM, PLACE_X, 4 },
	{ "st M[k]", BPF_ST, FORM_STORE, PLACE_A, 4 },
	{ "stx M[k]", BPF_STX, FORM_STORE, PLACE_X, 4 },
	{ "add #k", BPF_ALU | BPF_ADD /* and BPF_K, also 0 */, FORM_ALU_K, PLACE_A, 4 },
	{ "sub #k", BPF_ALU | BPF_SUB | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "mul #k", BPF_ALU | BPF_MUL | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "div #k", BPF_ALU | BPF_DIV | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "mod #k", BPF_ALU | BPF_MOD | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "and #k", BPF_ALU | BPF_AND | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "or #k", BPF_ALU | BPF_OR | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "xor #k", BPF_ALU | BPF_XOR | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "lsh #k", BPF_ALU | BPF_LSH | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "rsh #k", BPF_ALU | BPF_RSH | BPF_K, FORM_ALU_K, PLACE_A, 4 },
	{ "neg", BPF_ALU | BPF_NEG, FORM_ALU_K, PLACE_A, 4 },
	{ "add x", BPF_ALU | BPF_ADD | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "sub x", BPF_ALU | BPF_SUB | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "mul x", BPF_ALU | BPF_MUL | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "div x", BPF_ALU | BPF_DIV | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "mod x", BPF_ALU | BPF_MOD | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "and x", BPF_ALU | BPF_AND | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "or x", BPF_ALU | BPF_OR | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "xor x", BPF_ALU | BPF_XOR | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "lsh x", BPF_ALU | BPF_LSH | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "rsh x", BPF_ALU | BPF_RSH | BPF_X, FORM_ALU_X, PLACE_A, 4 },
	{ "ja k", BPF_JMP | BPF_JA, FORM_JUMP, PLACE_NONE, 0 },
	{ "jeq #k", BPF_JMP | BPF_JEQ | BPF_K, FORM_BRANCH, PLACE_NONE, 0 },
	{ "jgt #k", BPF_JMP | BPF_JGT | BPF_K, FORM_BRANCH, PLACE_NONE, 0 },
	{ "jge #k", BPF_JMP | BPF_JGE | BPF_K, FORM_BRANCH, PLACE_NONE, 0 },
	{ "jset #k", BPF_JMP | BPF_JSET | BPF_K, FORM_BRANCH, PLACE_NONE, 0 },
	{ "jeq x", BPF_JMP | BPF_JEQ | BPF_X, FORM_BRANCH, PLACE_X, 0 },
	{ "jgt x", BPF_JMP | BPF_JGT | BPF_X, FORM_BRANCH, PLACE_X, 0 },
	{ "jge x", BPF_JMP | BPF_JGE | BPF_X, FORM_BRANCH, PLACE_X, 0 },
	{ "jset x", BPF_JMP | BPF_JSET | BPF_X, FORM_BRANCH, PLACE_X, 0 },
	{ "ret #k", BPF_RET | BPF_K, FORM_RETURN, PLACE_NONE, 0 },
	{ "ret a", BPF_RET | BPF_A, FORM_RETURN_A, PLACE_NONE, 0 },
	{ "tax", BPF_MISC | BPF_TAX, FORM_MOVE, PLACE_X, 0 },
	{ "txa", BPF_MISC | BPF_TXA, FORM_MOVE, PLACE_A, 0 },
};

const struct opcode *opcode_find(uint16_t code)
{
	for (size_t i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		if (opcodes[i].code == code)
			return &opcodes[i];
	}
	return NULL;
}

const char *cbpf_opcode_name(uint16_t opcode)
{
	const struct opcode *row = opcode_find(opcode);

	return row ? row->name : NULL;
}
