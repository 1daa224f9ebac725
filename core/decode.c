/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Turns classic instructions into blocks of operations. */
#include "decode.h"

#include <errno.h>
#include <stdlib.h>

#include "extension.h"
#include "fault.h"
#include "opcode.h"

#define NO_BLOCK UINT32_MAX

/* This many different return values get one shared block each. */
#define SHARED_RETURNS 64

/* Maximum number of operations per instruction: a check or guard, and the operation itself. */
#define OPS_PER_INSN 2

struct decoder {
	struct graph *graph;
	const struct sock_filter *code;
	size_t length;
	struct cbpf_error *error;
	uint32_t *number; /* of the block that begins at each instruction */
	uint8_t *reached;
	struct op *ops; /* where the next operation goes */
	uint32_t returns[SHARED_RETURNS];
	size_t return_count;
};

static size_t branch_target(const struct decoder *decoder, size_t index, bool taken)
{
	const struct sock_filter *insn = &decoder->code[index];

	if (insn->code == (BPF_JMP | BPF_JA))
		return (uint32_t)(index + 1 + insn->k);
	return index + 1 + (taken ? insn->jt : insn->jf);
}

/* Marks the instructions that can be reached and those that begin a block; rejects unknown
 * opcodes. */
static int mark_reached(struct decoder *decoder)
{
	uint32_t *pending = calloc(decoder->length, sizeof(*pending));
	size_t count = 0;

	if (!pending)
		return -ENOMEM;
	pending[count++] = 0;
	decoder->reached[0] = 1;
	decoder->number[0] = 0;
	while (count > 0) {
		size_t index = pending[--count];
		size_t next[2] = { index + 1, index + 1 };
		uint16_t class = BPF_CLASS(decoder->code[index].code);

		if (!opcode_find(decoder->code[index].code)) {
			free(pending);
			return fault_at(decoder->error, decoder->code, index, CBPF_ERROR_INVALID,
					"unknown opcode");
		}
		if (class == BPF_RET)
			continue;
		if (class == BPF_JMP) {
			next[0] = branch_target(decoder, index, true);
			next[1] = branch_target(decoder, index, false);
		}
		for (int i = 0; i < 2; i++) {
			if (class == BPF_JMP)
				decoder->number[next[i]] = 0;
			if (decoder->reached[next[i]])
				continue;
			decoder->reached[next[i]] = 1;
			pending[count++] = (uint32_t)next[i];
		}
	}
	free(pending);
	return 0;
}

static struct op *append(struct decoder *decoder, struct block *block, enum op_kind kind,
			 size_t index)
{
	struct op *op = decoder->ops++;

	*op = (struct op){ .kind = (uint8_t)kind, .src = PLACE_NONE, .origin = (uint32_t)index };
	block->op_count++;
	return op;
}

/* The number of bytes that a load needs; UINT32_MAX, more than any packet has, if the sum does not
 * fit. */
static uint32_t load_end(uint32_t offset, uint32_t size)
{
	return offset > UINT32_MAX - size ? UINT32_MAX : offset + size;
}

static void decode_load(struct decoder *decoder, struct block *block, const struct opcode *opcode,
			size_t index)
{
	uint32_t offset = extension_offset(decoder->code[index].k);
	bool relative = opcode->form == FORM_LOAD_X;
	struct op *op = append(decoder, block, relative ? OP_CHECK_X : OP_CHECK, index);

	op->k = load_end(offset, opcode->size);
	if (opcode->form == FORM_MSH)
		op = append(decoder, block, OP_MSH, index);
	else
		op = append(decoder, block, relative ? OP_LOAD_X : OP_LOAD, index);
	op->dst = opcode->place;
	op->size = opcode->size;
	op->k = offset;
}

static int decode_extension(struct decoder *decoder, struct block *block,
			    const struct extension *extension, size_t index)
{
	struct op *op;

	switch (extension->form) {
	case EXTENSION_REFUSED:
		return fault_at(decoder->error, decoder->code, index, CBPF_ERROR_UNSUPPORTED, "%s",
				extension->text);
	case EXTENSION_IMM:
		op = append(decoder, block, OP_IMM, index);
		op->k = extension->argument;
		break;
	case EXTENSION_META:
		op = append(decoder, block, OP_META, index);
		op->k = extension->argument;
		break;
	case EXTENSION_BYTES:
		op = append(decoder, block, OP_CHECK, index);
		op->k = extension->argument + 2;
		op = append(decoder, block, OP_LOAD, index);
		op->k = extension->argument;
		op->size = 2;
		break;
	default:
		op = append(decoder, block, OP_ALU, index);
		op->alu = BPF_XOR;
		op->src = PLACE_X;
		break;
	}
	op->dst = PLACE_A;
	return 0;
}

static void decode_alu(struct decoder *decoder, struct block *block, const struct opcode *opcode,
		       size_t index)
{
	const struct sock_filter *insn = &decoder->code[index];
	uint8_t alu = BPF_OP(insn->code);
	struct op *op;

	if (opcode->form == FORM_ALU_X && (alu == BPF_DIV || alu == BPF_MOD))
		append(decoder, block, OP_GUARD_X, index);
	op = append(decoder, block, OP_ALU, index);
	op->dst = PLACE_A;
	op->alu = alu;
	op->k = insn->k;
	if (opcode->form == FORM_ALU_X)
		op->src = PLACE_X;
}

static void decode_move(struct decoder *decoder, struct block *block, const struct opcode *opcode,
			size_t index)
{
	struct op *op = append(decoder, block, OP_MOVE, index);
	uint8_t word = (uint8_t)(PLACE_M0 + decoder->code[index].k % BPF_MEMWORDS);

	op->dst = opcode->place;
	op->src = opcode->place == PLACE_A ? PLACE_X : PLACE_A;
	if (opcode->form == FORM_MEM)
		op->src = word;
	if (opcode->form == FORM_STORE) {
		op->src = opcode->place;
		op->dst = word;
	}
}

static int decode_op(struct decoder *decoder, struct block *block, const struct opcode *opcode,
		     size_t index)
{
	uint32_t k = decoder->code[index].k;
	const struct extension *extension;
	struct op *op;

	switch (opcode->form) {
	case FORM_LOAD:
		extension = extension_find(k);
		if (extension)
			return decode_extension(decoder, block, extension, index);
		decode_load(decoder, block, opcode, index);
		return 0;
	case FORM_LOAD_X:
	case FORM_MSH:
		decode_load(decoder, block, opcode, index);
		return 0;
	case FORM_ALU_K:
	case FORM_ALU_X:
		decode_alu(decoder, block, opcode, index);
		return 0;
	case FORM_LENGTH:
	case FORM_IMM:
		op = append(decoder, block, opcode->form == FORM_IMM ? OP_IMM : OP_META, index);
		op->dst = opcode->place;
		op->k = opcode->form == FORM_IMM ? k : META_LENGTH;
		return 0;
	default:
		decode_move(decoder, block, opcode, index);
		return 0;
	}
}

/* The number of the block that returns k. */
static uint32_t return_block(struct decoder *decoder, uint32_t k, size_t index)
{
	struct graph *graph = decoder->graph;
	size_t shared = decoder->return_count;
	struct block *block;

	for (size_t i = 0; i < shared; i++) {
		if (graph->blocks[decoder->returns[i]].k == k)
			return decoder->returns[i];
	}
	if (shared < SHARED_RETURNS)
		decoder->returns[decoder->return_count++] = (uint32_t)graph->count;
	block = &graph->blocks[graph->count];
	block->term = TERM_RETURN;
	block->k = k;
	block->origin = (uint32_t)index;
	return (uint32_t)graph->count++;
}

/* Ends block with the jump or return at index. */
static void decode_term(struct decoder *decoder, struct block *block, const struct opcode *opcode,
			size_t index)
{
	const struct sock_filter *insn = &decoder->code[index];

	block->origin = (uint32_t)index;
	block->k = insn->k;
	switch (opcode->form) {
	case FORM_RETURN:
		block->term = TERM_JUMP;
		block->succ[0] = return_block(decoder, insn->k, index);
		return;
	case FORM_RETURN_A:
		block->term = TERM_RETURN_A;
		return;
	case FORM_JUMP:
		block->term = TERM_JUMP;
		block->succ[0] = decoder->number[branch_target(decoder, index, true)];
		/* A jump to itself also goes backwards: to the start of the block that it ends. */
		if (branch_target(decoder, index, true) <= index) {
			decoder->graph->loops = true;
			decoder->graph->blocks[block->succ[0]].loop = true;
		}
		return;
	default:
		block->term = TERM_BRANCH;
		block->test = BPF_OP(insn->code);
		block->test_x = opcode->place == PLACE_X;
		block->succ[0] = decoder->number[branch_target(decoder, index, true)];
		block->succ[1] = decoder->number[branch_target(decoder, index, false)];
	}
}

/* Decodes the block that begins at index. */
static int decode_block(struct decoder *decoder, struct block *block, size_t index)
{
	block->ops = decoder->ops;
	for (;; index++) {
		const struct opcode *opcode = opcode_find(decoder->code[index].code);
		int result;

		if (opcode->form >= FORM_JUMP && opcode->form <= FORM_RETURN_A) {
			decode_term(decoder, block, opcode, index);
			return 0;
		}
		result = decode_op(decoder, block, opcode, index);
		if (result)
			return result;
		if (decoder->number[index + 1] != NO_BLOCK) {
			block->term = TERM_JUMP;
			block->succ[0] = decoder->number[index + 1];
			block->origin = (uint32_t)index;
			return 0;
		}
	}
}

static int decode_blocks(struct decoder *decoder)
{
	struct graph *graph = decoder->graph;
	size_t returns = 1;
	int result;

	for (size_t i = 0; i < decoder->length; i++) {
		decoder->number[i] = NO_BLOCK;
		returns += decoder->code[i].code == (BPF_RET | BPF_K);
	}
	result = mark_reached(decoder);
	if (result)
		return result;
	for (size_t i = 0; i < decoder->length; i++) {
		if (decoder->number[i] != NO_BLOCK)
			decoder->number[i] = (uint32_t)graph->count++;
	}
	graph->blocks = arena_take(graph->arena, graph->count + returns, sizeof(*graph->blocks));
	decoder->ops = arena_take(graph->arena, OPS_PER_INSN * decoder->length, sizeof(struct op));
	if (!graph->blocks || !decoder->ops)
		return -ENOMEM;
	/* Blocks that return come last, so that every edge to them leads forward. */
	graph->reject = return_block(decoder, 0, decoder->length - 1);
	for (size_t i = 0; i < decoder->length && result == 0; i++) {
		if (decoder->number[i] != NO_BLOCK)
			result = decode_block(decoder, &graph->blocks[decoder->number[i]], i);
	}
	return result ? result : graph_reach(graph);
}

int program_decode(struct graph *graph, const struct sock_filter *code, size_t length,
		   struct cbpf_error *error)
{
	struct decoder decoder = { .graph = graph, .code = code, .length = length, .error = error };
	int result = -ENOMEM;

	decoder.number = calloc(length, sizeof(*decoder.number));
	decoder.reached = calloc(length, sizeof(*decoder.reached));
	if (decoder.number && decoder.reached)
		result = decode_blocks(&decoder);
	free(decoder.number);
	free(decoder.reached);
	return result;
}
