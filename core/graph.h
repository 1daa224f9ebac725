/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The form that all passes work on: blocks of simple operations. The checks that are implicit in
 * classic BPF (bounds, zero divisors) are operations of their own. */
#ifndef CBPF_GRAPH_H
#define CBPF_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* Where a value can be kept: the accumulator, the index register, the scratch words. */
enum place {
	PLACE_A,
	PLACE_X,
	PLACE_M0,
	PLACE_COUNT = PLACE_M0 + 16,
	PLACE_NONE = 0xff,
};

#define PLACE_BIT(place) (1u << (place))
#define PLACE_ALL	 ((1u << PLACE_COUNT) - 1)

enum op_kind {
	OP_CHECK,   /* return 0 unless the packet has k bytes */
	OP_CHECK_X, /* return 0 unless the packet has X + k bytes; the sum does not wrap */
	OP_GUARD_X, /* return 0 if X is 0 */
	OP_LOAD,    /* dst = size bytes at k, big endian; a check of k + size comes before it */
	OP_LOAD_X,  /* dst = size bytes at X + k; an OP_CHECK_X for the same X comes before it */
	OP_MSH,	    /* dst = 4 * (byte at k & 15); a check of k + 1 comes before it */
	OP_IMM,	    /* dst = k */
	OP_META,    /* dst = the enum meta k */
	OP_MOVE,    /* dst = src */
	OP_ALU,	    /* dst = dst alu src, or alu k if src is PLACE_NONE; dst is A, src is X */
};

/* What a program can read besides the packet's bytes. */
enum meta {
	META_LENGTH,
	META_IFINDEX,
	META_QUEUE,
	META_CPU,
	META_RANDOM,
};

struct op {
	uint8_t kind;
	uint8_t dst;
	uint8_t src;
	uint8_t size; /* 1, 2 or 4 */
	uint8_t alu;  /* BPF_ADD ... BPF_XOR, as in the classic opcode */
	/* An OP_CHECK_X that always holds, kept because the load behind it needs its pointer. */
	bool known;
	bool raw;	 /* a load that keeps the packet's byte order, see byteorder.h */
	uint8_t pointer; /* OP_CHECK_X: enum check_pointer, see bounds.h */
	uint32_t k;
	uint32_t high;	 /* OP_CHECK_X: the highest value that X can have */
	uint32_t origin; /* index of the classic instruction */
};

enum term_kind {
	TERM_RETURN,   /* return k */
	TERM_RETURN_A, /* return A */
	TERM_JUMP,     /* to succ[0] */
	TERM_BRANCH,   /* to succ[0] if A test k (or X), else to succ[1] */
	TERM_SWITCH,   /* to the target of the case that equals A, else to succ[0] */
};

struct switch_case {
	uint32_t k;
	uint32_t target;
};

struct block {
	struct op *ops;
	size_t op_count;
	uint8_t term;
	uint8_t test; /* BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET */
	bool test_x;  /* compare with X instead of k */
	bool loop;    /* target of a backward jump */
	bool reached; /* can be entered */
	uint32_t k;
	uint32_t succ[2];
	struct switch_case *cases; /* sorted by k, no k twice */
	size_t case_count;
	/* TERM_SWITCH: A is in this range, and a multiple of unit. */
	uint32_t low, high, unit;
	uint32_t origin; /* classic instruction of the terminator */
	uint32_t live;	 /* places whose value on entry matters; see liveness.h */
	/* What graph_simplify() found out about the end of the block: the numbers of the values in
	 * A and X, and the range of A. */
	struct {
		uint32_t a, x, low, high;
	} end;
	uint32_t preds; /* edges from reached blocks */
};

struct value_table;

/* Blocks are ordered: every edge except a backward TERM_JUMP leads to a higher number. The program
 * starts at block 0. */
struct graph {
	struct arena *arena;
	struct block *blocks;
	size_t count;
	uint32_t reject;	    /* the block that returns 0; always there */
	bool loops;		    /* there is a backward jump */
	struct value_table *values; /* the numbers of block.end */
	uint64_t steps;		    /* of work so far, see CBPF_STEPS_MAX */
};

/* True if the passes have taken more steps than allowed. Passes whose work can grow faster than the
 * program check this, and return -E2BIG. */
bool graph_exhausted(const struct graph *graph);

/* The successors of a block: their number, and access by index, whatever the terminator. */
size_t block_successors(const struct block *block);
uint32_t *block_successor(struct block *block, size_t index);

/* Places that an operation or a terminator reads or writes, as PLACE_BIT()s. */
uint32_t op_reads(const struct op *op);
uint32_t op_writes(const struct op *op);
uint32_t term_reads(const struct block *block);

/* True for the operations that may end the program. */
bool op_guards(const struct op *op);

/* Replaces the block's operations from index on, and its terminator, by a jump to reject. */
void block_cut(const struct graph *graph, struct block *block, size_t index);

/* Which of enum meta are used: a bit 1 << meta for each. */
uint32_t graph_metas(const struct graph *graph);

/* Sets reached and preds of all blocks, by following the edges from block 0. Returns 0 or -ENOMEM.
 */
int graph_reach(struct graph *graph);

#endif
