/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Finds chains of comparisons with constants and makes them searches. */
#include "chain.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

/* A shorter chain is as fast as a search. */
#define CHAIN_LEAST 5

/* Different values that one chain may compare: a host filter alternates between two. */
#define CHAIN_VALUES 8

/* Operations that compute a value from the packet anew. */
#define VALUE_OPS 8

struct link {
	uint32_t block;
	uint32_t value;
	uint32_t k;
	uint32_t target;
};

struct chain {
	struct graph *graph;
	const struct value_table *values;
	const struct chain_values *ends;
	struct link *links;
	size_t count;
	uint32_t compared[CHAIN_VALUES]; /* different values, by first use */
	size_t compared_count;
	uint32_t behind; /* the block when nothing was equal */
};

int chain_values_start(struct chain_values *ends, size_t blocks)
{
	ends->a = calloc(blocks, sizeof(*ends->a));
	ends->x = calloc(blocks, sizeof(*ends->x));
	ends->low = calloc(blocks, sizeof(*ends->low));
	ends->high = calloc(blocks, sizeof(*ends->high));
	if (ends->a && ends->x && ends->low && ends->high)
		return 0;
	chain_values_release(ends);
	return -ENOMEM;
}

void chain_values_release(struct chain_values *ends)
{
	free(ends->a);
	free(ends->x);
	free(ends->low);
	free(ends->high);
	*ends = (struct chain_values){ 0 };
}

void chain_values_note(void *context, size_t index, const struct state *state,
		       struct value_table *values)
{
	struct chain_values *ends = context;

	ends->a[index] = state->places[PLACE_A];
	ends->x[index] = state->places[PLACE_X];
	state_range(state, values, ends->a[index], &ends->low[index], &ends->high[index]);
}

/* Writes operations that put value into A, when X holds x; every byte of it has been checked.
 * Returns their number, 0 if there is no such way. */
static size_t value_write(const struct value_table *table, uint32_t value, uint32_t x,
			  struct op ops[VALUE_OPS])
{
	const struct value *row = &table->values[value];
	struct op op = { .dst = PLACE_A, .src = PLACE_NONE, .k = row->k, .size = row->detail };
	uint32_t right;
	size_t count;

	switch (row->kind) {
	case VALUE_LOAD:
		op.kind = OP_LOAD;
		break;
	case VALUE_LOAD_X:
		if (row->a != x)
			return 0;
		op.kind = OP_LOAD_X;
		ops[0] = (struct op){ .kind = OP_CHECK_X,
				      .src = PLACE_NONE,
				      .known = true,
				      .k = row->k + row->detail,
				      .high = table->values[x].high };
		ops[1] = op;
		return 2;
	case VALUE_META:
		op.kind = OP_META;
		break;
	case VALUE_ALU:
		if (!value_is_constant(table, row->b, &right))
			return 0;
		count = value_write(table, row->a, x, ops);
		if (count == 0 || count == VALUE_OPS)
			return 0;
		op.kind = OP_ALU;
		op.alu = row->detail;
		op.k = right;
		ops[count] = op;
		return count + 1;
	default:
		return 0;
	}
	ops[0] = op;
	return 1;
}

/* The comparison that ends block, if it is one with a constant. */
static bool link_read(const struct chain *chain, size_t index, struct link *link)
{
	const struct block *block = &chain->graph->blocks[index];

	if (block->term != TERM_BRANCH || block->test != BPF_JEQ || block->test_x)
		return false;
	link->block = (uint32_t)index;
	link->value = chain->ends->a[index];
	link->k = block->k;
	link->target = block->succ[0];
	return true;
}

/* True if the value that block compares can be computed anew at the chain's first block. */
static bool link_writable(const struct chain *chain, const struct link *link)
{
	const struct block *block = &chain->graph->blocks[link->block];
	struct op ops[VALUE_OPS];
	size_t count = value_write(chain->values, link->value, chain->ends->x[link->block], ops);

	/* X is only sure to be what the value was made from if somebody reads it here. */
	for (size_t i = 0; i < count; i++) {
		if ((op_reads(&ops[i]) & PLACE_BIT(PLACE_X)) && !(block->live & PLACE_BIT(PLACE_X)))
			return false;
	}
	return count > 0;
}

/* True if a block does nothing but to set A, and is only reached from the link before it. */
static bool block_only_compares(const struct block *block)
{
	if (block->preds != 1 || block->loop)
		return false;
	for (size_t i = 0; i < block->op_count; i++) {
		const struct op *op = &block->ops[i];

		if (op_guards(op) ? !op->known : op->dst != PLACE_A)
			return false;
		if (op->kind == OP_META && op->k == META_RANDOM)
			return false;
	}
	return true;
}

/* True if the value of link is, or can become, one that the chain compares. */
static bool chain_compares(struct chain *chain, const struct link *link)
{
	for (size_t i = 0; i < chain->compared_count; i++) {
		if (chain->compared[i] == link->value)
			return true;
	}
	if (chain->compared_count == CHAIN_VALUES ||
	    (chain->compared_count > 0 && !link_writable(chain, link)))
		return false;
	chain->compared[chain->compared_count++] = link->value;
	return true;
}

/* Collects links from block on: either all of one value, or all with one target, so that their
 * order does not matter. */
static void chain_collect(struct chain *chain, size_t index, bool one_target)
{
	struct link link = { 0 };

	chain->count = 0;
	chain->compared_count = 0;
	while (link_read(chain, index, &link)) {
		const struct link *first = &chain->links[0];

		if (chain->count > 0 &&
		    (one_target ? link.target != first->target : link.value != first->value))
			break;
		if (!chain_compares(chain, &link))
			break;
		chain->links[chain->count++] = link;
		chain->behind = chain->graph->blocks[index].succ[1];
		index = chain->behind;
		if (!block_only_compares(&chain->graph->blocks[index]))
			break;
	}
}

/* True if the chain gains by becoming a search. */
static bool chain_pays(const struct chain *chain)
{
	const struct block *blocks = chain->graph->blocks;

	if (chain->count < CHAIN_LEAST || chain->count < 3 * chain->compared_count)
		return false;
	/* With several values, A is another one than the chain would have left. */
	return chain->compared_count == 1 ||
	       !((blocks[chain->links[0].target].live | blocks[chain->behind].live) &
		 PLACE_BIT(PLACE_A));
}

struct ranked_case {
	struct switch_case row;
	size_t rank; /* the first of equal ones counts */
};

static int case_order(const void *left, const void *right)
{
	const struct ranked_case *a = left, *b = right;

	if (a->row.k != b->row.k)
		return a->row.k < b->row.k ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* True if the value, in block->low to block->high and a multiple of block->unit, can be k. */
static bool case_possible(const struct block *block, uint32_t k)
{
	return k >= block->low && k <= block->high && (k & (block->unit - 1)) == 0;
}

/* Makes block, whose A is known to lie in its range, the search for the links that compare value.
 */
static int block_search(const struct chain *chain, struct block *block, uint32_t value)
{
	struct ranked_case *cases = calloc(chain->count, sizeof(*cases));
	size_t count = 0;
	int result = 0;

	block->unit = 1u << chain->values->values[value].zeros;

	if (!cases)
		return -ENOMEM;
	for (size_t i = 0; i < chain->count; i++) {
		const struct link *link = &chain->links[i];

		if (link->value == value && case_possible(block, link->k))
			cases[count++] = (struct ranked_case){ { link->k, link->target }, i };
	}
	qsort(cases, count, sizeof(*cases), case_order);
	block->term = TERM_SWITCH;
	block->case_count = 0;
	block->cases = arena_take(chain->graph->arena, count, sizeof(*block->cases));
	for (size_t i = 0; i < count && block->cases; i++) {
		if (i == 0 || cases[i].row.k != cases[i - 1].row.k)
			block->cases[block->case_count++] = cases[i].row;
	}
	if (!block->cases)
		result = -ENOMEM;
	free(cases);
	return result;
}

/* Replaces the chain by one search a value, in the first of its blocks. */
static int chain_replace(const struct chain *chain)
{
	struct graph *graph = chain->graph;
	uint32_t x = chain->ends->x[chain->links[0].block];

	for (size_t i = 0; i < chain->compared_count; i++) {
		const struct value *value = &chain->values->values[chain->compared[i]];
		struct block *block = &graph->blocks[chain->links[i].block];
		uint32_t next = chain->behind;
		int result;

		block->low = i == 0 ? chain->ends->low[chain->links[0].block] : value->low;
		block->high = i == 0 ? chain->ends->high[chain->links[0].block] : value->high;

		/* The first block has its value in A already. */
		if (i > 0) {
			block->ops = arena_take(graph->arena, VALUE_OPS, sizeof(*block->ops));
			if (!block->ops)
				return -ENOMEM;
			block->op_count =
				value_write(chain->values, chain->compared[i], x, block->ops);
			for (size_t j = 0; j < block->op_count; j++)
				block->ops[j].origin = block->origin;
		}
		result = block_search(chain, block, chain->compared[i]);
		if (result)
			return result;
		if (i + 1 < chain->compared_count)
			next = chain->links[i + 1].block;
		block->succ[0] = next;
	}
	return 0;
}

int graph_search_chains(struct graph *graph, const struct value_table *values,
			const struct chain_values *ends)
{
	struct chain chain = { .graph = graph, .values = values, .ends = ends };
	int found = 0, result = 0;

	chain.links = calloc(graph->count, sizeof(*chain.links));
	if (!chain.links)
		return -ENOMEM;
	for (size_t i = 0; i < graph->count && result == 0; i++) {
		if (!graph->blocks[i].reached)
			continue;
		chain_collect(&chain, i, true);
		if (!chain_pays(&chain))
			chain_collect(&chain, i, false);
		if (!chain_pays(&chain))
			continue;
		found++;
		result = chain_replace(&chain);
		/* Nobody is to start from the middle of a chain that is done. */
		for (size_t j = 1; j < chain.count; j++)
			graph->blocks[chain.links[j].block].reached = false;
	}
	free(chain.links);
	if (result == 0)
		result = graph_reach(graph);
	return result ? result : found;
}
