/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Emits the blocks as eBPF instructions: 32-bit arithmetic and jumps of the instruction set v3
 * (Linux 5.1); the upper halves of A and X are always 0. */
#include "ebpf.h"

#include <errno.h>

#include "bounds.h"
#include "limit.h"
#include "liveness.h"

/* What each register holds. */
enum {
	REG_A = BPF_REG_0,
	REG_START = BPF_REG_1,
	REG_END = BPF_REG_2, /* packet access: the end; buffer access: the number of bytes */
	REG_LENGTH = BPF_REG_3,
	REG_IFINDEX = BPF_REG_4,
	REG_QUEUE = BPF_REG_5,
	REG_X = BPF_REG_6,
	REG_POINTER = BPF_REG_7, /* start + X; see enum check_pointer */
	REG_SCRATCH = BPF_REG_8,
	REG_ROUNDS = BPF_REG_9, /* backward jumps that may still be made */
};

/* Where the arguments are saved during a helper call: below the scratch words. */
#define SAVED_OFFSET(reg) (-64 - 8 * ((reg)-REG_START + 1))

struct emitter {
	struct assembler *assembler;
	struct graph *graph;
	enum cbpf_access access;
	uint32_t limit;
};

static struct bpf_insn alu32(uint8_t alu, uint8_t dst, uint32_t k)
{
	return (struct bpf_insn){ .code = BPF_ALU | BPF_K | alu,
				  .dst_reg = dst & 15,
				  .imm = (int32_t)k };
}

static struct bpf_insn alu32_reg(uint8_t alu, uint8_t dst, uint8_t src)
{
	return (struct bpf_insn){ .code = BPF_ALU | BPF_X | alu,
				  .dst_reg = dst & 15,
				  .src_reg = src & 15 };
}

static struct bpf_insn alu64(uint8_t alu, uint8_t dst, uint32_t k)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_K | alu,
				  .dst_reg = dst & 15,
				  .imm = (int32_t)k };
}

static struct bpf_insn alu64_reg(uint8_t alu, uint8_t dst, uint8_t src)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_X | alu,
				  .dst_reg = dst & 15,
				  .src_reg = src & 15 };
}

static struct bpf_insn memory(uint8_t code, uint8_t dst, uint8_t src, int32_t offset)
{
	return (struct bpf_insn){ .code = code | BPF_MEM,
				  .dst_reg = dst & 15,
				  .src_reg = src & 15,
				  .off = (int16_t)offset };
}

static struct bpf_insn jump(uint8_t code, uint8_t dst, uint8_t src, uint32_t k)
{
	return (struct bpf_insn){
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .imm = (int32_t)k
	};
}

static void emit(struct emitter *emitter, struct bpf_insn insn)
{
	assembler_emit(emitter->assembler, insn);
}

static void emit_reject(struct emitter *emitter, struct bpf_insn insn)
{
	assembler_jump(emitter->assembler, insn, emitter->graph->reject);
}

static int32_t word_offset(uint8_t place)
{
	return -4 * (place - PLACE_M0 + 1);
}

static uint8_t place_register(uint8_t place)
{
	return place == PLACE_A ? REG_A : REG_X;
}

/* A comparison that ends the program if the packet is too short. */
static void emit_check(struct emitter *emitter, const struct op *op)
{
	if (emitter->access == CBPF_ACCESS_BUFFER) {
		emit_reject(emitter, jump(BPF_JMP | BPF_JLT | BPF_K, REG_END, 0, op->k));
		return;
	}
	emit(emitter, alu64_reg(BPF_MOV, REG_SCRATCH, REG_START));
	emit(emitter, alu64(BPF_ADD, REG_SCRATCH, op->k));
	emit_reject(emitter, jump(BPF_JMP | BPF_JGT | BPF_X, REG_SCRATCH, REG_END, 0));
}

/* Makes the verifier forget what it knows of reg, without changing it: adds and subtracts a number
 * that it does not know. */
static void emit_forget(struct emitter *emitter, uint8_t reg)
{
	emit(emitter, alu32_reg(BPF_ADD, reg, REG_LENGTH));
	emit(emitter, alu32_reg(BPF_SUB, reg, REG_LENGTH));
}

static void emit_check_x(struct emitter *emitter, const struct op *op)
{
	bool packet = emitter->access == CBPF_ACCESS_PACKET;

	if (op->pointer == POINTER_FORGET)
		emit_forget(emitter, REG_X);
	if (op->pointer == POINTER_LIMIT || op->pointer == POINTER_FORGET)
		emit_reject(emitter,
			    jump(BPF_JMP | BPF_JGT | BPF_K, REG_X, 0, emitter->limit - op->k));
	if (op->pointer != POINTER_KEEP) {
		emit(emitter, alu64_reg(BPF_MOV, REG_POINTER, REG_START));
		emit(emitter, alu64_reg(BPF_ADD, REG_POINTER, REG_X));
	}
	emit(emitter, alu64_reg(BPF_MOV, REG_SCRATCH, packet ? REG_POINTER : REG_X));
	emit(emitter, alu64(BPF_ADD, REG_SCRATCH, op->k));
	emit_reject(emitter, jump(BPF_JMP | BPF_JGT | BPF_X, REG_SCRATCH, REG_END, 0));
}

static void emit_load(struct emitter *emitter, uint8_t dst, uint8_t base, uint32_t k, uint8_t size,
		      bool raw)
{
	static const uint8_t codes[] = {
		[1] = BPF_LDX | BPF_B, [2] = BPF_LDX | BPF_H, [4] = BPF_LDX | BPF_W
	};

	if (k > INT16_MAX) {
		emit(emitter, alu64_reg(BPF_MOV, REG_SCRATCH, base));
		emit(emitter, alu64(BPF_ADD, REG_SCRATCH, k));
		base = REG_SCRATCH;
		k = 0;
	}
	emit(emitter, memory(codes[size], dst, base, (int32_t)k));
	if (size > 1 && !raw)
		emit(emitter, jump(BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 8u * size));
}

static void emit_msh(struct emitter *emitter, const struct op *op)
{
	uint8_t dst = place_register(op->dst);

	emit_load(emitter, dst, REG_START, op->k, 1, false);
	emit(emitter, alu32(BPF_AND, dst, 15));
	emit(emitter, alu32(BPF_LSH, dst, 2));
}

static void emit_imm(struct emitter *emitter, const struct op *op)
{
	struct bpf_insn store = memory(BPF_ST | BPF_W, BPF_REG_10, 0, 0);

	if (op->dst < PLACE_M0) {
		emit(emitter, alu32(BPF_MOV, place_register(op->dst), op->k));
		return;
	}
	store.off = (int16_t)word_offset(op->dst);
	store.imm = (int32_t)op->k;
	emit(emitter, store);
}

static void emit_move(struct emitter *emitter, const struct op *op)
{
	if (op->dst >= PLACE_M0)
		emit(emitter, memory(BPF_STX | BPF_W, BPF_REG_10, place_register(op->src),
				     word_offset(op->dst)));
	else if (op->src >= PLACE_M0)
		emit(emitter, memory(BPF_LDX | BPF_W, place_register(op->dst), BPF_REG_10,
				     word_offset(op->src)));
	else
		emit(emitter, alu32_reg(BPF_MOV, place_register(op->dst), place_register(op->src)));
}

/* Calls a helper for A. The arguments are saved on the stack. */
static void emit_call(struct emitter *emitter, int32_t helper)
{
	for (unsigned int reg = REG_START; reg <= REG_QUEUE; reg++)
		emit(emitter, memory(BPF_STX | BPF_DW, BPF_REG_10, reg, SAVED_OFFSET(reg)));
	emit(emitter, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = helper });
	for (unsigned int reg = REG_START; reg <= REG_QUEUE; reg++)
		emit(emitter, memory(BPF_LDX | BPF_DW, reg, BPF_REG_10, SAVED_OFFSET(reg)));
	emit(emitter, alu32_reg(BPF_MOV, REG_A, REG_A));
}

static void emit_meta(struct emitter *emitter, const struct op *op)
{
	static const uint8_t registers[] = {
		[META_LENGTH] = REG_LENGTH, [META_IFINDEX] = REG_IFINDEX, [META_QUEUE] = REG_QUEUE
	};

	if (op->k == META_CPU)
		emit_call(emitter, BPF_FUNC_get_smp_processor_id);
	else if (op->k == META_RANDOM)
		emit_call(emitter, BPF_FUNC_get_prandom_u32);
	else
		emit(emitter, alu32_reg(BPF_MOV, place_register(op->dst), registers[op->k]));
}

static void emit_alu(struct emitter *emitter, const struct op *op)
{
	/* If X is 32 or more, shift 0: that gives 0 on every processor. */
	struct bpf_insn below = jump(BPF_JMP32 | BPF_JLT | BPF_K, REG_X, 0, 32);

	below.off = 1;
	if (op->src == PLACE_NONE) {
		emit(emitter, alu32(op->alu, REG_A, op->alu == BPF_NEG ? 0 : op->k));
		return;
	}
	if (op->alu == BPF_LSH || op->alu == BPF_RSH) {
		emit(emitter, below);
		emit(emitter, alu32(BPF_MOV, REG_A, 0));
	}
	emit(emitter, alu32_reg(op->alu, REG_A, REG_X));
}

static void emit_op(struct emitter *emitter, const struct op *op)
{
	emitter->assembler->origin = op->origin;
	assembler_breathe(emitter->assembler);
	switch (op->kind) {
	case OP_CHECK:
		emit_check(emitter, op);
		return;
	case OP_CHECK_X:
		emit_check_x(emitter, op);
		return;
	case OP_GUARD_X:
		emit_reject(emitter, jump(BPF_JMP32 | BPF_JEQ | BPF_K, REG_X, 0, 0));
		return;
	case OP_LOAD:
		emit_load(emitter, place_register(op->dst), REG_START, op->k, op->size, op->raw);
		return;
	case OP_LOAD_X:
		emit_load(emitter, place_register(op->dst), REG_POINTER, op->k, op->size, op->raw);
		return;
	case OP_MSH:
		emit_msh(emitter, op);
		return;
	case OP_IMM:
		emit_imm(emitter, op);
		return;
	case OP_META:
		emit_meta(emitter, op);
		return;
	case OP_MOVE:
		emit_move(emitter, op);
		return;
	default:
		emit_alu(emitter, op);
	}
}

static void emit_return(struct emitter *emitter, uint32_t k)
{
	emit(emitter, alu32(BPF_MOV, REG_A, k));
	emit(emitter, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

/* Jumps backwards to target, if there are rounds left. */
static void emit_back_jump(struct emitter *emitter, uint32_t target)
{
	static const uint8_t registers[] = { REG_A, REG_X };
	uint32_t live = emitter->graph->blocks[target].live;

	/* The verifier follows the loop until it reaches a state that it has seen before. Ranges
	 * that grow from round to round would prevent that. */
	for (unsigned int place = PLACE_A; place <= PLACE_X; place++) {
		if (live & PLACE_BIT(place))
			emit_forget(emitter, registers[place]);
	}
	/* Make it look at the exit first, so that few branches are pending at a time. */
	emit(emitter, alu64(BPF_SUB, REG_ROUNDS, 1));
	assembler_jump(emitter->assembler, jump(BPF_JMP | BPF_JNE | BPF_K, REG_ROUNDS, 0, 0),
		       target);
	emit_return(emitter, 0);
}

/* Continues at target, which may be the next block. */
static void emit_jump(struct emitter *emitter, size_t from, uint32_t target, size_t next)
{
	const struct block *block = &emitter->graph->blocks[target];

	if (target == next)
		return;
	if (target <= from) {
		emit_back_jump(emitter, target);
		return;
	}
	if (block->term == TERM_RETURN && block->op_count == 0) {
		emit_return(emitter, block->k);
		return;
	}
	assembler_jump(emitter->assembler, jump(BPF_JMP | BPF_JA, 0, 0, 0), target);
}

/* The opposite of test; 0 if there is none. */
static uint8_t test_opposite(uint8_t test)
{
	switch (test) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JGE:
		return BPF_JLT;
	default:
		return 0;
	}
}

/* The verifier follows the code behind a comparison first and keeps the target for later, at most
 * 8192 of them (BPF_COMPLEXITY_LIMIT_JMP_SEQ). Programs of this many blocks are lists of fields,
 * each compared in several steps. There the code behind a comparison goes on to the next field and
 * the target is the next step, so that one target is kept per field, not per step. */
#define DEEP_BLOCKS 4000

static void emit_branch(struct emitter *emitter, const struct block *block, size_t index,
			size_t next)
{
	uint8_t test = block->test;
	uint32_t taken = block->succ[0];
	uint32_t other = block->succ[1];

	if (taken == next && test_opposite(test) && emitter->graph->count < DEEP_BLOCKS) {
		test = test_opposite(test);
		taken = block->succ[1];
		other = block->succ[0];
	}
	assembler_jump(emitter->assembler,
		       block->test_x ? jump(BPF_JMP32 | BPF_X | test, REG_A, REG_X, 0)
				     : jump(BPF_JMP32 | BPF_K | test, REG_A, 0, block->k),
		       taken);
	emit_jump(emitter, index, other, next);
}

static void emit_case(struct emitter *emitter, const struct switch_case *row)
{
	assembler_jump(emitter->assembler, jump(BPF_JMP32 | BPF_JEQ | BPF_K, REG_A, 0, row->k),
		       row->target);
}

/* Up to this many cases of a switch are compared one after the other. */
#define SWITCH_LEAF 3

/* Some cases of a switch, in order, and the range of A when they are compared. A is a multiple of
 * the block's unit. */
struct cases {
	const struct switch_case *rows;
	size_t count;
	uint32_t low, high;
};

/* True if A can have no other value. The last comparison must be left out then: verifiers since
 * 6.16 warn ("REG INVARIANTS VIOLATION") about a comparison with only one possible outcome, if that
 * follows from the range and the known bits of A together. */
static bool cases_complete(const struct cases *cases, uint32_t unit)
{
	uint64_t low = ((uint64_t)cases->low + unit - 1) / unit, high = cases->high / unit;

	return high >= low && cases->count == high - low + 1;
}

/* Compares A with a few cases one after the other, then goes to where no case matches. */
static void emit_leaf(struct emitter *emitter, const struct block *block, size_t index,
		      const struct cases *cases, size_t next)
{
	bool complete = cases_complete(cases, block->unit);

	for (size_t i = 0; i + complete < cases->count; i++)
		emit_case(emitter, &cases->rows[i]);
	emit_jump(emitter, index, complete ? cases->rows[cases->count - 1].target : block->succ[0],
		  next);
}

/* Maximum number of upper halves still to be emitted: the bits in a number of cases. */
#define SEARCH_DEPTH 32

/* A binary search: behind each comparison comes the lower half, then the upper one. */
static void emit_search(struct emitter *emitter, const struct block *block, size_t index,
			size_t next)
{
	struct {
		struct cases cases;
		size_t label;
	} later[SEARCH_DEPTH];
	struct cases cases = { block->cases, block->case_count, block->low, block->high };
	size_t depth = 0;

	while (!emitter->assembler->fault) {
		size_t half = cases.count / 2;

		assembler_breathe(emitter->assembler);
		if (cases.count > SWITCH_LEAF) {
			later[depth].cases = cases;
			later[depth].cases.rows += half;
			later[depth].cases.count -= half;
			later[depth].cases.low = cases.rows[half].k;
			later[depth].label = assembler_label(emitter->assembler);
			assembler_jump(
				emitter->assembler,
				jump(BPF_JMP32 | BPF_JGE | BPF_K, REG_A, 0, cases.rows[half].k),
				later[depth++].label);
			cases.count = half;
			cases.high = cases.rows[half].k - 1;
			continue;
		}
		emit_leaf(emitter, block, index, &cases, depth == 0 ? next : SIZE_MAX);
		if (depth == 0)
			return;
		cases = later[--depth].cases;
		assembler_bind(emitter->assembler, later[depth].label);
	}
}

static void emit_term(struct emitter *emitter, const struct block *block, size_t index, size_t next)
{
	emitter->assembler->origin = block->origin;
	assembler_breathe(emitter->assembler);
	switch (block->term) {
	case TERM_RETURN:
		emit_return(emitter, block->k);
		return;
	case TERM_RETURN_A:
		emit(emitter, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
		return;
	case TERM_JUMP:
		emit_jump(emitter, index, block->succ[0], next);
		return;
	case TERM_BRANCH:
		emit_branch(emitter, block, index, next);
		return;
	default:
		emit_search(emitter, block, index, next);
	}
}

/* Zeroes what is read before it is written. */
static void emit_frame(struct emitter *emitter)
{
	uint32_t live = emitter->graph->blocks[0].live;

	emitter->assembler->origin = UINT32_MAX;
	for (unsigned int place = 0; place < PLACE_COUNT; place++) {
		struct op op = { .kind = OP_IMM, .dst = place, .origin = UINT32_MAX };

		if (live & PLACE_BIT(place))
			emit_op(emitter, &op);
	}
	if (emitter->graph->loops)
		emit(emitter, alu64(BPF_MOV, REG_ROUNDS, CBPF_ROUNDS));
}

/* The block that is emitted next, or SIZE_MAX. */
static size_t block_behind(const struct graph *graph, size_t index)
{
	for (index++; index < graph->count; index++) {
		if (graph->blocks[index].reached)
			return index;
	}
	return SIZE_MAX;
}

int graph_emit(struct graph *graph, enum cbpf_access access, uint32_t limit,
	       struct assembler *assembler)
{
	struct emitter emitter = {
		.assembler = assembler, .graph = graph, .access = access, .limit = limit
	};
	size_t next;

	emit_frame(&emitter);
	for (size_t i = 0; i != SIZE_MAX && !assembler->fault; i = next) {
		const struct block *block = &graph->blocks[i];

		next = block_behind(graph, i);
		/* A block that only returns is emitted in place of jumps to it; only a comparison
		 * needs it as a target. */
		if (assembler->ended && !assembler->wanted[i] && !block->loop)
			continue;
		assembler_bind(assembler, i);
		for (size_t j = 0; j < block->op_count; j++)
			emit_op(&emitter, &block->ops[j]);
		emit_term(&emitter, block, i, next);
	}
	if (assembler->wanted[graph->reject] && assembler->labels[graph->reject] < 0) {
		assembler_bind(assembler, graph->reject);
		assembler->origin = UINT32_MAX;
		emit_return(&emitter, 0);
	}
	return assembler_finish(assembler);
}
