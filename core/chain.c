/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Finds chains of comparisons with constants and turns them into binary searches. */
#include "chain.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "value.h"

/* A chain shorter than this is as fast as a search. */
#define CHAIN_LEAST 5

/* How many different values a chain may compare: a host filter alternates between two. */
#define CHAIN_VALUES 8

/* Maximum number of operations to recompute a value from the packet. */
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
	struct link *links;
	size_t count;
	uint32_t compared[CHAIN_VALUES]; /* the different values, by first use */
	size_t compared_count;
	uint32_t behind; /* where to go if no link matches */
};

/* Writes the operations that load value. */
static size_t base_write(const struct value_table *table, uint32_t value, uint32_t x,
			 struct op ops[VALUE_OPS])
{
	const struct value *row = &table->values[value];
	struct op load = { .dst = PLACE_A, .src = PLACE_NONE, .k = row->k, .size = row->detail };
	size_t count = 0;

	switch (row->kind) {
	case VALUE_LOAD:
		load.kind = OP_LOAD;
		break;
	case VALUE_LOAD_X:
		if (row->a != x)
			return 0;
		load.kind = OP_LOAD_X;
		ops[count++] = (struct op){ .kind = OP_CHECK_X,
					    .src = PLACE_NONE,
					    .known = true,
					    .k = row->k + row->detail,
					    .high = table->values[x].high };
		break;
	case VALUE_META:
		load.kind = OP_META;
		break;
	default:
		return 0;
	}
	ops[count++] = load;
	return count;
}

/* Writes operations that put value into A while X holds x; its bytes must have been checked.
 * Returns their number, 0 if that is not possible. */
static size_t value_write(const struct value_table *table, uint32_t value, uint32_t x,
			  struct op ops[VALUE_OPS])
{
	const struct value *arithmetic[VALUE_OPS]; /* the last operation first */
	size_t depth = 0, count;

	for (; table->values[value].kind == VALUE_ALU; value = table->values[value].a) {
		if (depth == VALUE_OPS)
			return 0;
		arithmetic[depth++] = &table->values[value];
	}
	count = base_write(table, value, x, ops);
	if (count == 0 || count + depth > VALUE_OPS)
		return 0;
	while (depth > 0) {
		const struct value *row = arithmetic[--depth];
		struct op *op = &ops[count++];

		*op = (struct op){
			.kind = OP_ALU, .dst = PLACE_A, .src = PLACE_NONE, .alu = row->detail
		};
		if (!value_is_constant(table, row->b, &op->k))
			return 0;
	}
	return count;
}

/* Reads the comparison at the end of a block; false if it is not one for equality with a
 * constant. */
static bool link_read(const struct chain *chain, size_t index, struct link *ret_link)
{
	const struct block *block = &chain->graph->blocks[index];

	if (block->term != TERM_BRANCH || block->test != BPF_JEQ || block->test_x)
		return false;
	ret_link->block = (uint32_t)index;
	ret_link->value = block->end.a;
	ret_link->k = block->k;
	ret_link->target = block->succ[0];
	return true;
}

/* True if the value of link can be recomputed at the end of the chain's first block. */
static bool link_writable(const struct chain *chain, const struct link *link)
{
	const struct block *block = &chain->graph->blocks[link->block];
	struct op ops[VALUE_OPS];
	size_t count = value_write(chain->values, link->value, block->end.x, ops);

	/* Only if X is read here do we know that it still is what the value was made from. */
	for (size_t i = 0; i < count; i++) {
		if ((op_reads(&ops[i]) & PLACE_BIT(PLACE_X)) && !(block->live & PLACE_BIT(PLACE_X)))
			return false;
	}
	return count > 0;
}

/* True if a block only sets A, and can only be entered from the previous link. */
static bool block_only_compares(const struct block *block)
{
	if (block->preds != 1 || block->loop)
		return false;
	for (size_t i = 0; i < block->op_count; i++) {
		const struct op *op = &block->ops[i];

		if (op_guards(op) ? !op->known : op->dst != PLACE_A)
			return false;
	}
	return true;
}

static bool block_reads_a(const struct chain *chain, uint32_t index)
{
	return chain->graph->blocks[index].live & PLACE_BIT(PLACE_A);
}

/* True if the value of link is one that the chain compares, or can be added to these. */
static bool chain_compares(struct chain *chain, const struct link *link)
{
	for (size_t i = 0; i < chain->compared_count; i++) {
		if (chain->compared[i] == link->value)
			return true;
	}
	if (chain->compared_count == CHAIN_VALUES ||
	    (chain->compared_count > 0 &&
	     (block_reads_a(chain, link->target) || !link_writable(chain, link))))
		return false;
	chain->compared[chain->compared_count++] = link->value;
	return true;
}

/* True if a search is faster than the chain. */
static bool chain_pays(const struct chain *chain)
{
	if (chain->count < CHAIN_LEAST || chain->count < 3 * chain->compared_count)
		return false;
	/* With several values, A ends up different from what the chain would have left. */
	return chain->compared_count == 1 || !block_reads_a(chain, chain->behind);
}

/* Collects links starting at a block: all with one value, or all with one target, so that their
 * order does not matter. Keeps the longest chain that pays; false if none does. */
static bool chain_collect(struct chain *chain, size_t index, bool one_target)
{
	struct chain paying = { 0 };
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
		chain->graph->steps++;
		if (chain_pays(chain))
			paying = *chain;
		index = chain->behind;
		if (!block_only_compares(&chain->graph->blocks[index]))
			break;
	}
	if (paying.count == 0)
		return false;
	*chain = paying;
	return true;
}

static int compare_keys(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* True if the block's value, which lies in a range and is a multiple of unit, can be k. */
static bool case_possible(const struct block *block, uint32_t k)
{
	return k >= block->low && k <= block->high && (k & (block->unit - 1)) == 0;
}

/* Turns block into a search among the links that compare value. */
static int block_search(const struct chain *chain, struct block *block, uint32_t value)
{
	/* The constant, then the link's index: of equal constants the first one counts. */
	uint64_t *keys = calloc(chain->count, sizeof(*keys));
	size_t count = 0;
	int result = 0;

	if (!keys)
		return -ENOMEM;
	block->unit = 1u << chain->values->values[value].zeros;
	for (size_t i = 0; i < chain->count; i++) {
		const struct link *link = &chain->links[i];

		if (link->value == value && case_possible(block, link->k))
			keys[count++] = (uint64_t)link->k << 32 | i;
	}
	qsort(keys, count, sizeof(*keys), compare_keys);
	block->term = TERM_SWITCH;
	block->cases = arena_take(chain->graph->arena, count, sizeof(*block->cases));
	for (size_t i = 0; i < count && block->cases; i++) {
		const struct link *link = &chain->links[(uint32_t)keys[i]];

		if (i == 0 || link->k != keys[i - 1] >> 32)
			block->cases[block->case_count++] =
				(struct switch_case){ link->k, link->target };
	}
	if (!block->cases)
		result = -ENOMEM;
	free(keys);
	return result;
}

/* Replaces the chain by a search for each value, in the first of its blocks. */
static int chain_replace(const struct chain *chain)
{
	struct graph *graph = chain->graph;
	uint32_t x = graph->blocks[chain->links[0].block].end.x;

	for (size_t i = 0; i < chain->compared_count; i++) {
		const struct value *value = &chain->values->values[chain->compared[i]];
		struct block *block = &graph->blocks[chain->links[i].block];
		uint32_t next = chain->behind;
		int result;

		/* The first block already has its value in A, and knows more about it. */
		block->low = i == 0 ? block->end.low : value->low;
		block->high = i == 0 ? block->end.high : value->high;
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

int graph_search_chains(struct graph *graph, int *ret_searches)
{
	struct chain chain = { .graph = graph, .values = graph->values };
	int result = 0;

	*ret_searches = 0;
	chain.links = calloc(graph->count, sizeof(*chain.links));
	if (!chain.links)
		return -ENOMEM;
	for (size_t i = 0; i < graph->count && result == 0; i++) {
		if (!graph->blocks[i].reached ||
		    (!chain_collect(&chain, i, true) && !chain_collect(&chain, i, false)))
			continue;
		++*ret_searches;
		result = chain_replace(&chain);
		/* No chain may start in the middle of one that was replaced. */
		for (size_t j = 1; j < chain.count; j++)
			graph->blocks[chain.links[j].block].reached = false;
	}
	free(chain.links);
	return result ? result : graph_reach(graph);
}
