/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Which registers and scratch words hold something that is read later. */
#include "liveness.h"

/* Maximum number of sweeps over a program with loops; after that everything counts as live. Three
 * are enough for libpcap's programs. */
#define SWEEPS 8

uint32_t block_live_out(const struct graph *graph, const struct block *block)
{
	uint32_t live = term_reads(block);

	for (size_t i = 0; i < block_successors(block); i++)
		live |= graph->blocks[*block_successor((struct block *)block, i)].live;
	return live;
}

uint32_t op_live(const struct op *op, uint32_t live)
{
	uint32_t writes = op_writes(op);

	if (writes && !(writes & live))
		return live;
	return (live & ~writes) | op_reads(op);
}

static uint32_t block_live_in(const struct graph *graph, const struct block *block)
{
	uint32_t live = block_live_out(graph, block);

	for (size_t i = block->op_count; i-- > 0;)
		live = op_live(&block->ops[i], live);
	return live;
}

void graph_live(struct graph *graph)
{
	bool changed = true;

	for (size_t i = 0; i < graph->count; i++)
		graph->blocks[i].live = 0;
	for (int sweep = 0; changed && sweep < SWEEPS; sweep++) {
		changed = false;
		for (size_t i = graph->count; i-- > 0;) {
			uint32_t live = block_live_in(graph, &graph->blocks[i]);

			graph->steps += 1 + graph->blocks[i].op_count;
			changed |= live != graph->blocks[i].live;
			graph->blocks[i].live = live;
		}
		if (!graph->loops)
			return;
	}
	for (size_t i = 0; changed && i < graph->count; i++)
		graph->blocks[i].live = PLACE_ALL;
}

/* True for a check that always holds and whose load is gone. */
static bool check_is_idle(const struct block *block, size_t index, size_t kept_next)
{
	const struct op *next;

	if (block->ops[index].kind != OP_CHECK_X || !block->ops[index].known)
		return false;
	if (kept_next == block->op_count)
		return true;
	next = &block->ops[kept_next];
	return next->kind != OP_LOAD_X || next->k > block->ops[index].k ||
	       next->k + next->size != block->ops[index].k;
}

void graph_drop_dead(struct graph *graph)
{
	graph_live(graph);
	for (size_t i = graph->count; i-- > 0;) {
		struct block *block = &graph->blocks[i];
		uint32_t live = block_live_out(graph, block);
		size_t first = block->op_count;

		for (size_t j = block->op_count; j-- > 0;) {
			const struct op *op = &block->ops[j];

			if ((!op_guards(op) && !(op_writes(op) & live)) ||
			    check_is_idle(block, j, first))
				continue;
			live = op_live(op, live);
			block->ops[--first] = *op;
		}
		/* Blocks that only return have no array of operations. */
		if (first > 0)
			block->ops += first;
		block->op_count -= first;
	}
	graph_live(graph);
}
