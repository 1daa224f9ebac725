/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/*
 * Places the bounds checks: as few as possible, each as early and for as many bytes as is sound.
 *
 * Needs flow up: if every path from here to a match loads some bytes, they may be checked here,
 * because a shorter packet gives 0 on all of those paths. What checks have shown flows down: a
 * check is dropped if all paths to it have shown as much.
 *
 *           load [12]                               check 21
 *          /         \                              load [12]
 *     load [30]    load [20]                       /         \
 *          \         /              =>        check 31     load [20]
 *           load [16]                        load [30]        |
 *               |                                  \         /
 *             match                                 load [16]
 *
 * Before the branch at least 21 bytes are needed, the lesser of 31 and 21; behind the join at least
 * 21 are shown, again the lesser. Loads at X are treated alike, as long as X does not change.
 */
#include "bounds.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

/* No packet is this long: the program returns 0. */
#define NEVER UINT32_MAX

/* Bytes without which the program returns 0 anyway: from the start, and from X on. */
struct need {
	uint32_t length;
	uint32_t from_x;
};

/* What the checks on every path to a point have shown, in the verifier's terms. */
struct shown {
	uint32_t length;
	uint32_t from_x; /* of the pointer "start + X"; 0 if there is none */
	uint32_t room;	 /* bytes behind the pointer that may be compared with the end */
	uint32_t a_high; /* upper limits of A and X that the verifier knows */
	uint32_t x_high;
	bool a_compared; /* whether it may know more, from comparisons */
	bool x_compared;
	bool same; /* one of A and X was computed from the other */
};

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* A backward jump needs nothing: its target has not been visited yet. */
static struct need block_need_out(struct graph *graph, size_t index, const struct need *needs)
{
	struct block *block = &graph->blocks[index];
	struct need need = { NEVER, NEVER };

	if (block->term == TERM_RETURN_A || (block->term == TERM_RETURN && block->k != 0))
		return (struct need){ 0, 0 };
	for (size_t i = 0; i < block_successors(block); i++) {
		uint32_t target = *block_successor(block, i);

		need.length = lesser(need.length, needs[target].length);
		need.from_x = lesser(need.from_x, needs[target].from_x);
	}
	return need;
}

/* Raises the checks of a block to what is needed after them. Returns what the block needs. */
static struct need block_raise(struct block *block, struct need need, uint32_t limit)
{
	for (size_t i = block->op_count; i-- > 0;) {
		struct op *op = &block->ops[i];

		if (op->kind == OP_CHECK) {
			need.length = op->k = greater(op->k, need.length);
		} else if (op->kind == OP_CHECK_X) {
			/* From here on a check serves all loads behind it, not just its own. */
			op->known = false;
			need.from_x = op->k = greater(op->k, need.from_x);
			need.length = greater(need.length, op->k);
		} else if (op_writes(op) & PLACE_BIT(PLACE_X)) {
			need.from_x = 0;
		}
		if (need.length > limit || need.from_x > limit)
			need.length = need.from_x = NEVER;
	}
	return need;
}

static void shown_join(struct shown *shown, const struct shown *other)
{
	shown->length = lesser(shown->length, other->length);
	shown->from_x = lesser(shown->from_x, other->from_x);
	shown->room = lesser(shown->room, other->room);
	shown->a_high = greater(shown->a_high, other->a_high);
	shown->x_high = greater(shown->x_high, other->x_high);
	shown->a_compared |= other->a_compared;
	shown->x_compared |= other->x_compared;
	shown->same |= other->same;
}

/* The highest result of 32-bit arithmetic that every verifier can work out: 5.10's forgets the
 * range at a byte swap and at most operations. */
static uint32_t alu_high(const struct op *op, uint32_t high, uint32_t other)
{
	switch (op->alu) {
	case BPF_AND:
		return op->src == PLACE_NONE ? lesser(high, op->k) : NEVER;
	case BPF_RSH:
		return op->src == PLACE_NONE ? high >> op->k : NEVER;
	case BPF_LSH:
		if (op->src == PLACE_NONE && high <= 1u << (31 - op->k))
			return high << op->k;
		return NEVER;
	case BPF_ADD:
		return high <= NEVER - other ? high + other : NEVER;
	default:
		return NEVER;
	}
}

static uint32_t op_high(const struct op *op, const struct shown *shown)
{
	switch (op->kind) {
	case OP_LOAD:
	case OP_LOAD_X:
		return op->size == 1 ? UINT8_MAX : NEVER;
	case OP_MSH:
		return 60;
	case OP_IMM:
		return op->k;
	case OP_MOVE:
		if (op->src == PLACE_A)
			return shown->a_high;
		return op->src == PLACE_X ? shown->x_high : NEVER;
	case OP_ALU:
		return alu_high(op, shown->a_high, op->src == PLACE_NONE ? op->k : shown->x_high);
	default:
		return NEVER;
	}
}

/* True if the check is needed; sets op->pointer then. */
static bool check_x_place(struct op *op, struct shown *shown, uint32_t limit)
{
	if (op->k <= shown->from_x)
		return false;
	if (shown->from_x > 0 && op->k <= shown->room) {
		op->pointer = POINTER_KEEP;
	} else {
		op->pointer = POINTER_MAKE;
		if (shown->x_compared || shown->x_high > limit - op->k) {
			op->pointer = shown->x_compared ? POINTER_FORGET : POINTER_LIMIT;
			/* Once the verifier forgets X, it no longer relates it to A. */
			shown->same &= !shown->x_compared;
			shown->x_compared = false;
			shown->x_high = limit - op->k;
		}
		shown->room = limit - shown->x_high;
	}
	shown->from_x = op->k;
	return true;
}

/* Updates what the verifier knows of A and X after an operation that writes one of them. */
static void shown_write(struct shown *shown, const struct op *op)
{
	uint32_t high = op_high(op, shown);
	bool compared = false;

	/* A value from a scratch word may have been compared before. */
	if (op->kind == OP_MOVE)
		compared = op->src == PLACE_A ? shown->a_compared
					      : op->src != PLACE_X || shown->x_compared;
	if (op->kind == OP_ALU)
		compared = shown->a_compared || (op->src == PLACE_X && shown->x_compared);
	/* A shift by X compares X with 32 first. */
	if (op->kind == OP_ALU && op->src == PLACE_X && (op->alu == BPF_LSH || op->alu == BPF_RSH))
		shown->x_compared = true;
	/* Kernels since 6.10 also keep the relation across A = X + constant, and may know less of X
	 * after a comparison of A than before. */
	if (op->kind != OP_ALU)
		shown->same = op->kind == OP_MOVE && op->src <= PLACE_X;
	if (op->dst == PLACE_X) {
		shown->x_high = high;
		shown->x_compared = compared;
		shown->from_x = 0;
	} else {
		shown->a_high = high;
		shown->a_compared = compared;
	}
}

/* Drops the checks of a block that have been shown to hold. */
static void block_place(struct graph *graph, struct block *block, struct shown *shown,
			uint32_t limit)
{
	size_t kept = 0;

	for (size_t i = 0; i < block->op_count; i++) {
		struct op op = block->ops[i];

		if (op_guards(&op) && op.kind != OP_GUARD_X && op.k > limit) {
			block_cut(graph, block, kept);
			return;
		}
		if (op.kind == OP_CHECK && op.k <= shown->length)
			continue;
		if (op.kind == OP_CHECK)
			shown->length = op.k;
		if (op.kind == OP_CHECK_X && !check_x_place(&op, shown, limit))
			continue;
		if (op.kind == OP_GUARD_X) {
			shown->x_compared = true;
			shown->a_compared |= shown->same;
		}
		if (op_writes(&op) & (PLACE_BIT(PLACE_X) | PLACE_BIT(PLACE_A)))
			shown_write(shown, &op);
		block->ops[kept++] = op;
	}
	block->op_count = kept;
}

static void blocks_place(struct graph *graph, struct shown *entry, uint32_t limit)
{
	const struct shown nothing = { .a_high = NEVER, .x_high = NEVER };
	const struct shown anything = { .a_high = NEVER,
					.x_high = NEVER,
					.a_compared = true,
					.x_compared = true,
					.same = true };

	for (size_t i = 0; i < graph->count; i++)
		entry[i] = (struct shown){ .length = NEVER, .from_x = NEVER, .room = NEVER };
	entry[0] = nothing;
	for (size_t i = 0; i < graph->count; i++) {
		struct block *block = &graph->blocks[i];
		struct shown shown = block->loop ? anything : entry[i];

		if (!block->reached)
			continue;
		block_place(graph, block, &shown, limit);
		if (block->term == TERM_BRANCH || block->term == TERM_SWITCH) {
			shown.x_compared |= block->test_x || shown.same;
			shown.a_compared = true;
		}
		for (size_t j = 0; j < block_successors(block); j++)
			shown_join(&entry[*block_successor(block, j)], &shown);
	}
}

int graph_bound(struct graph *graph, uint32_t limit)
{
	struct need *needs = calloc(graph->count, sizeof(*needs));
	struct shown *entry = calloc(graph->count, sizeof(*entry));
	int result = -ENOMEM;

	if (needs && entry) {
		for (size_t i = graph->count; i-- > 0;) {
			struct need need = block_need_out(graph, i, needs);

			needs[i] = block_raise(&graph->blocks[i], need, limit);
			/* Every path from here returns 0. */
			if (needs[i].length == NEVER && graph->blocks[i].term != TERM_RETURN)
				block_cut(graph, &graph->blocks[i], 0);
		}
		result = graph_reach(graph);
		if (result == 0)
			blocks_place(graph, entry, limit);
		if (result == 0)
			result = graph_reach(graph);
	}
	free(needs);
	free(entry);
	return result;
}

uint32_t graph_bytes(const struct graph *graph)
{
	uint32_t bytes = 0;

	for (size_t i = 0; i < graph->count; i++) {
		const struct block *block = &graph->blocks[i];

		for (size_t j = 0; block->reached && j < block->op_count; j++) {
			const struct op *op = &block->ops[j];

			if (op->kind == OP_CHECK)
				bytes = greater(bytes, op->k);
			if (op->kind != OP_CHECK_X)
				continue;
			if (op->high == UINT32_MAX || op->high > UINT32_MAX - 1 - op->k)
				return UINT32_MAX;
			bytes = greater(bytes, op->high + op->k);
		}
	}
	return bytes;
}
