/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The classic instruction set: opcodes, their names and their forms. */
#ifndef CBPF_OPCODE_H
#define CBPF_OPCODE_H

#include <stdint.h>

enum opcode_form {
	FORM_LOAD,   /* A = size bytes at k */
	FORM_LOAD_X, /* A = size bytes at X + k */
	FORM_MSH,    /* X = 4 * (byte at k & 15) */
	FORM_LENGTH, /* place = length */
	FORM_IMM,    /* place = k */
	FORM_MEM,    /* place = M[k] */
	FORM_STORE,  /* M[k] = place */
	FORM_ALU_K,  /* A = A op k */
	FORM_ALU_X,  /* A = A op X */
	FORM_JUMP,   /* by k, also backwards */
	FORM_BRANCH, /* by jt or jf */
	FORM_RETURN, /* k */
	FORM_RETURN_A,
	FORM_MOVE, /* place = the other register */
};

struct opcode {
	const char *name;
	uint16_t code;
	uint8_t form;
	uint8_t place; /* enum place */
	uint8_t size;
};

/* The row for an opcode, or NULL if bpf_filter() does not execute it. */
const struct opcode *opcode_find(uint16_t code);

#endif
