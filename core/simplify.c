/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Walks through the program once, tracking what is known at each point. Drops operations and
 * comparisons whose result is known, and lets each jump skip them. */
#include "simplify.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

/* Maximum number of steps spent on skipping blocks, for all edges together: limits time and memory,
 * without changing the meaning. A filter for thousands of hosts takes 12 per block. */
#define FOLLOW_STEPS	   ((uint64_t)1000 * 1000)
#define FOLLOW_BLOCK_STEPS 16

enum verdict {
	VERDICT_KEEP,
	VERDICT_KNOWN, /* changes nothing */
	VERDICT_FAILS, /* always ends the program */
};

struct simplifier {
	struct graph *graph;
	struct value_table *values;
	struct state **states; /* on entry of each block; NULL before an edge leads there */
	struct state *spare;   /* free states, linked through their first bytes */
	uint64_t follow_steps; /* left for skipping blocks */
};

static struct state *state_take(struct simplifier *simplifier)
{
	struct state *state = simplifier->spare;

	if (!state)
		return malloc(sizeof(*state));
	simplifier->spare = *(struct state **)(void *)state;
	return state;
}

static void state_give(struct simplifier *simplifier, struct state *state)
{
	*(struct state **)(void *)state = simplifier->spare;
	simplifier->spare = state;
}

/* Turns an operation relative to X into an absolute one if X is known. */
static void op_settle(const struct value_table *values, const struct state *state, struct op *op)
{
	uint32_t x;

	if (!value_is_constant(values, state->places[PLACE_X], &x))
		return;
	if (op->kind == OP_CHECK_X || op->kind == OP_LOAD_X) {
		op->kind = op->kind == OP_CHECK_X ? OP_CHECK : OP_LOAD;
		op->k = op->k > UINT32_MAX - x ? UINT32_MAX : op->k + x;
	} else if (op->kind == OP_ALU && op->src == PLACE_X) {
		op->src = PLACE_NONE;
		op->k = x;
	}
}

/* Decides a check or guard, and notes what is known after it. */
static enum verdict guard_step(struct value_table *values, struct state *state, struct op *op)
{
	uint32_t x = state->places[PLACE_X];
	uint32_t low, high;
	int zero;

	if (op->kind == OP_GUARD_X) {
		zero = state_decide(state, values, BPF_JEQ, x, 0);
		state_learn(state, values, BPF_JEQ, x, 0, false);
		return zero < 0 ? VERDICT_KEEP : zero ? VERDICT_FAILS : VERDICT_KNOWN;
	}
	if (op->kind == OP_CHECK) {
		if (op->k == UINT32_MAX)
			return VERDICT_FAILS;
		if (op->k <= state->length)
			return VERDICT_KNOWN;
		state->length = op->k;
		return VERDICT_KEEP;
	}
	state_range(state, values, x, &low, &high);
	op->high = high;
	if (op->k > UINT32_MAX - low)
		return VERDICT_FAILS;
	op->known = op->k <= state_checked(state, x);
	if (op->known)
		return VERDICT_KNOWN;
	state_learn_check(state, x, op->k);
	return VERDICT_KEEP;
}

static uint32_t op_value(struct value_table *values, const struct state *state, const struct op *op)
{
	uint32_t left = state->places[op->dst];

	switch (op->kind) {
	case OP_LOAD:
		return value_load(values, op->k, op->size);
	case OP_LOAD_X:
		return value_load_x(values, state->places[PLACE_X], op->k, op->size);
	case OP_MSH:
		return value_msh(values, op->k);
	case OP_IMM:
		return value_constant(values, op->k);
	case OP_META:
		return value_meta(values, op->k);
	case OP_MOVE:
		return state->places[op->src];
	default:
		return value_alu(values, op->alu, left,
				 op->src == PLACE_NONE ? value_constant(values, op->k)
						       : state->places[op->src]);
	}
}

/* Replaces an operation with a cheaper one that has the same result, if there is one. */
static void op_cheapen(const struct value_table *values, const struct state *state, uint32_t value,
		       struct op *op)
{
	uint32_t k;

	if (value_is_constant(values, value, &k)) {
		op->kind = OP_IMM;
		op->k = k;
		return;
	}
	for (unsigned int place = PLACE_A; place <= PLACE_X; place++) {
		if (state->places[place] != value || place == op->dst)
			continue;
		op->kind = OP_MOVE;
		op->src = place;
		return;
	}
}

/* Applies one operation to *state and rewrites it. */
static enum verdict op_step(struct value_table *values, struct state *state, struct op *op)
{
	uint32_t value;

	op_settle(values, state, op);
	if (op_guards(op))
		return guard_step(values, state, op);
	value = op_value(values, state, op);
	if (state->places[op->dst] == value)
		return VERDICT_KNOWN;
	op_cheapen(values, state, value, op);
	state->places[op->dst] = value;
	return VERDICT_KEEP;
}

/* What a branch tests: a value compared with a constant. */
struct question {
	uint32_t value, k;
	uint8_t test;
	bool negated;
};

/* False if the branch compares two values that are both unknown. */
static bool branch_question(struct value_table *values, const struct state *state,
			    const struct block *block, struct question *ret_question)
{
	uint32_t x = state->places[PLACE_X];
	uint32_t right = block->test_x ? x : value_constant(values, block->k);

	ret_question->value = state->places[PLACE_A];
	ret_question->test = block->test;
	ret_question->negated = false;
	if (block->test == BPF_JSET) {
		/* "A & k is not 0". */
		ret_question->value = value_alu(values, BPF_AND, ret_question->value, right);
		ret_question->test = BPF_JEQ;
		ret_question->k = 0;
		ret_question->negated = true;
		return true;
	}
	if (value_is_constant(values, right, &ret_question->k))
		return true;
	if (right != ret_question->value)
		return false;
	/* Comparing a value with itself is like comparing 0 with 0. */
	ret_question->value = value_constant(values, 0);
	ret_question->k = 0;
	return true;
}

/* The successor that a branch always takes, or -1. */
static int branch_decide(struct value_table *values, const struct state *state,
			 const struct block *block)
{
	struct question question;
	int outcome;

	if (block->succ[0] == block->succ[1])
		return 0;
	if (branch_question(values, state, block, &question))
		outcome = state_decide(state, values, question.test, question.value, question.k);
	else
		outcome = state_decide_pair(state, values, block->test, state->places[PLACE_A],
					    state->places[PLACE_X]);
	if (outcome < 0)
		return -1;
	return (outcome != 0) != question.negated ? 0 : 1;
}

static void branch_learn(struct value_table *values, struct state *state, const struct block *block,
			 bool taken)
{
	struct question question;

	if (branch_question(values, state, block, &question))
		state_learn(state, values, question.test, question.value, question.k,
			    taken != question.negated);
	else
		state_learn_pair(state, block->test, state->places[PLACE_A], state->places[PLACE_X],
				 taken);
}

/* The block that always follows, or -1. */
static int64_t block_decide(struct value_table *values, const struct state *state,
			    const struct block *block)
{
	int side;

	switch (block->term) {
	case TERM_JUMP:
		return block->succ[0];
	case TERM_BRANCH:
		side = branch_decide(values, state, block);
		return side < 0 ? -1 : (int64_t)block->succ[side];
	default:
		/* A switch only has cases that were undecided. */
		return -1;
	}
}

/* True if the live places hold the same values in both states. */
static bool places_agree(const struct state *here, const struct state *there, uint32_t live)
{
	for (int i = 0; i < PLACE_COUNT; i++) {
		if ((live & PLACE_BIT(i)) && here->places[i] != there->places[i])
			return false;
	}
	return true;
}

/* Applies the operations of block to *ahead. KNOWN: none of them can end the program; FAILS: one
 * always does; KEEP: one may, or there are no steps left to find out. */
static enum verdict block_foresee(struct simplifier *simplifier, const struct block *block,
				  struct state *ahead, uint64_t steps_end)
{
	uint64_t *steps = &simplifier->graph->steps;

	++*steps;
	for (size_t i = 0; i < block->op_count; i++) {
		struct op op = block->ops[i];
		enum verdict verdict = op_step(simplifier->values, ahead, &op);

		if (verdict == VERDICT_FAILS)
			return VERDICT_FAILS;
		if ((verdict == VERDICT_KEEP && op_guards(&op)) || ++*steps >= steps_end)
			return VERDICT_KEEP;
	}
	return VERDICT_KNOWN;
}

/* The last block from target on that can be jumped to directly: blocks before it decide nothing and
 * set nothing that is read. */
static uint32_t edge_follow(struct simplifier *simplifier, const struct state *state,
			    uint32_t target)
{
	struct graph *graph = simplifier->graph;
	uint64_t steps_end = graph->steps + simplifier->follow_steps;
	struct state ahead = *state;
	uint32_t best = target;

	while (!graph->blocks[target].loop && graph->steps < steps_end) {
		const struct block *block = &graph->blocks[target];
		enum verdict verdict = block_foresee(simplifier, block, &ahead, steps_end);
		int64_t next;

		if (verdict == VERDICT_FAILS)
			best = graph->reject;
		if (verdict != VERDICT_KNOWN)
			break;
		next = block_decide(simplifier->values, &ahead, block);
		if (next <= (int64_t)target)
			break;
		target = (uint32_t)next;
		if (places_agree(state, &ahead, graph->blocks[target].live))
			best = target;
	}
	simplifier->follow_steps = steps_end > graph->steps ? steps_end - graph->steps : 0;
	return best;
}

/* Lets an edge skip what it can, and joins *state into its target's state. */
static int edge_add(struct simplifier *simplifier, const struct state *state, uint32_t *target)
{
	struct state **entry;

	*target = edge_follow(simplifier, state, *target);
	entry = &simplifier->states[*target];
	/* Nothing is known at the head of a loop anyway. */
	if (simplifier->graph->blocks[*target].loop)
		return 0;
	if (*entry) {
		state_join(*entry, state, simplifier->values);
		return 0;
	}
	*entry = state_take(simplifier);
	if (!*entry)
		return -ENOMEM;
	**entry = *state;
	return 0;
}

/* Decides the terminator of a block, and follows its edges. */
static int block_leave(struct simplifier *simplifier, struct block *block,
		       const struct state *state)
{
	int64_t only = block_decide(simplifier->values, state, block);
	int result = 0;
	uint32_t k;

	if (block->term == TERM_RETURN_A &&
	    value_is_constant(simplifier->values, state->places[PLACE_A], &k)) {
		block->term = TERM_RETURN;
		block->k = k;
	}
	if (only >= 0) {
		block->term = TERM_JUMP;
		block->succ[0] = (uint32_t)only;
	}
	if (block->term == TERM_BRANCH && block->test_x &&
	    value_is_constant(simplifier->values, state->places[PLACE_X], &k)) {
		block->test_x = false;
		block->k = k;
	}
	for (size_t i = 0; i < block_successors(block) && result == 0; i++) {
		struct state side = *state;

		if (block->term == TERM_BRANCH)
			branch_learn(simplifier->values, &side, block, i == 0);
		result = edge_add(simplifier, &side, block_successor(block, i));
	}
	if (block->term == TERM_BRANCH && block->succ[0] == block->succ[1])
		block->term = TERM_JUMP;
	return result;
}

/* Applies the operations of block to *state and drops those that change nothing. Returns 0 or
 * -E2BIG. */
static int block_step(struct simplifier *simplifier, struct block *block, struct state *state)
{
	size_t kept = 0;

	for (size_t i = 0; i < block->op_count; i++) {
		struct op op = block->ops[i];
		enum verdict verdict = op_step(simplifier->values, state, &op);

		if (verdict == VERDICT_FAILS) {
			block_cut(simplifier->graph, block, kept);
			return 0;
		}
		simplifier->graph->steps++;
		if (graph_exhausted(simplifier->graph))
			return -E2BIG;
		/* An OP_CHECK_X that always holds stays: its load needs the pointer. */
		if (verdict == VERDICT_KNOWN && op.kind != OP_CHECK_X)
			continue;
		block->ops[kept++] = op;
	}
	block->op_count = kept;
	return 0;
}

static int block_simplify(struct simplifier *simplifier, struct block *block, struct state *state)
{
	struct value_table *values = simplifier->values;
	int result = block_step(simplifier, block, state);

	if (result)
		return result;
	block->end.a = state->places[PLACE_A];
	block->end.x = state->places[PLACE_X];
	state_range(state, values, block->end.a, &block->end.low, &block->end.high);
	result = block_leave(simplifier, block, state);
	return values->failed ? -ENOMEM : result;
}

/* *ret_state is the state on entry of a block, NULL if no edge leads there. The start of the
 * program and loop heads have states of their own. Returns 0 or -ENOMEM. */
static int block_enter(struct simplifier *simplifier, size_t index, struct state **ret_state)
{
	const struct block *block = &simplifier->graph->blocks[index];
	struct state *state = simplifier->states[index];

	simplifier->states[index] = NULL;
	if (block->reached && (block->loop || index == 0)) {
		state = state_take(simplifier);
		if (!state)
			return -ENOMEM;
		if (block->loop)
			state_forget(state, simplifier->values, block->live);
		else
			state_start(state, simplifier->values);
	}
	*ret_state = state;
	return 0;
}

static void simplifier_release(struct simplifier *simplifier)
{
	while (simplifier->spare)
		free(state_take(simplifier));
	for (size_t i = 0; i < simplifier->graph->count; i++)
		free(simplifier->states[i]);
	free(simplifier->states);
}

int graph_simplify(struct graph *graph)
{
	struct simplifier simplifier = { .graph = graph,
					 .values = graph->values,
					 .follow_steps =
						 FOLLOW_STEPS + FOLLOW_BLOCK_STEPS * graph->count };
	int result = 0;

	value_table_clear(graph->values);
	simplifier.states = calloc(graph->count, sizeof(struct state *));
	if (!simplifier.states)
		return -ENOMEM;
	for (size_t i = 0; i < graph->count && result == 0; i++) {
		struct state *state = NULL;

		result = block_enter(&simplifier, i, &state);
		if (!state)
			continue;
		result = block_simplify(&simplifier, &graph->blocks[i], state);
		state_give(&simplifier, state);
	}
	simplifier_release(&simplifier);
	return result ? result : graph_reach(graph);
}
