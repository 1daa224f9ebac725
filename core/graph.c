/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The form that all passes work on: blocks of simple operations. */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>

#include "cbpf/cbpf.h"

bool graph_exhausted(const struct graph *graph)
{
	return graph->steps > CBPF_STEPS_MAX;
}

size_t block_successors(const struct block *block)
{
	switch (block->term) {
	case TERM_JUMP:
		return 1;
	case TERM_BRANCH:
		return 2;
	case TERM_SWITCH:
		return block->case_count + 1;
	default:
		return 0;
	}
}

uint32_t *block_successor(struct block *block, size_t index)
{
	if (block->term == TERM_SWITCH && index > 0)
		return &block->cases[index - 1].target;
	return &block->succ[index];
}

uint32_t op_reads(const struct op *op)
{
	switch (op->kind) {
	case OP_CHECK_X:
	case OP_GUARD_X:
	case OP_LOAD_X:
		return PLACE_BIT(PLACE_X);
	case OP_MOVE:
		return PLACE_BIT(op->src);
	case OP_ALU:
		return PLACE_BIT(op->dst) | (op->src == PLACE_NONE ? 0 : PLACE_BIT(op->src));
	default:
		return 0;
	}
}

bool op_guards(const struct op *op)
{
	return op->kind <= OP_GUARD_X;
}

uint32_t op_writes(const struct op *op)
{
	return op_guards(op) ? 0 : PLACE_BIT(op->dst);
}

uint32_t term_reads(const struct block *block)
{
	switch (block->term) {
	case TERM_RETURN_A:
	case TERM_SWITCH:
		return PLACE_BIT(PLACE_A);
	case TERM_BRANCH:
		return PLACE_BIT(PLACE_A) | (block->test_x ? PLACE_BIT(PLACE_X) : 0);
	default:
		return 0;
	}
}

void block_cut(const struct graph *graph, struct block *block, size_t index)
{
	block->op_count = index;
	block->term = TERM_JUMP;
	block->succ[0] = graph->reject;
}

int graph_reach(struct graph *graph)
{
	uint32_t *pending = calloc(graph->count, sizeof(*pending));
	size_t count = 0;

	if (!pending)
		return -ENOMEM;
	for (size_t i = 0; i < graph->count; i++) {
		graph->blocks[i].reached = false;
		graph->blocks[i].preds = 0;
	}
	graph->blocks[0].reached = true;
	pending[count++] = 0;
	while (count > 0) {
		struct block *block = &graph->blocks[pending[--count]];

		for (size_t i = 0; i < block_successors(block); i++) {
			uint32_t target = *block_successor(block, i);
			struct block *next = &graph->blocks[target];

			next->preds++;
			if (next->reached)
				continue;
			next->reached = true;
			pending[count++] = target;
		}
	}
	free(pending);
	return 0;
}

uint32_t graph_metas(const struct graph *graph)
{
	uint32_t metas = 0;

	for (size_t i = 0; i < graph->count; i++) {
		const struct block *block = &graph->blocks[i];

		for (size_t j = 0; block->reached && j < block->op_count; j++) {
			if (block->ops[j].kind == OP_META)
				metas |= 1u << block->ops[j].k;
		}
	}
	return metas;
}
