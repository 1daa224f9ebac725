/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Saves byte swaps: compares fields in the packet's byte order. */
#include "byteorder.h"

#include <endian.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "liveness.h"

/* True if the block ends in a comparison of A that only asks for equality or for bits. */
static bool block_compares_bits(const struct block *block)
{
	if (block->term == TERM_SWITCH)
		return true;
	return block->term == TERM_BRANCH && !block->test_x &&
	       (block->test == BPF_JEQ || block->test == BPF_JSET);
}

static bool successors_need_a(const struct graph *graph, struct block *block)
{
	for (size_t i = 0; i < block_successors(block); i++) {
		if (graph->blocks[*block_successor(block, i)].live & PLACE_BIT(PLACE_A))
			return true;
	}
	return false;
}

/* Bits beyond the field's size are dropped: they are 0 in the field, and comparisons that can never
 * be equal are decided by now. */
static uint32_t as_in_packet(uint32_t k, uint8_t size)
{
	return size == 4 ? htobe32(k) : htobe16((uint16_t)k);
}

static int case_order(const void *left, const void *right)
{
	const struct switch_case *a = left, *b = right;

	return a->k < b->k ? -1 : a->k > b->k;
}

void graph_compare_raw(struct graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		struct block *block = &graph->blocks[i];
		struct op *load;

		if (block->op_count == 0 || !block_compares_bits(block))
			continue;
		load = &block->ops[block->op_count - 1];
		if ((load->kind != OP_LOAD && load->kind != OP_LOAD_X) || load->dst != PLACE_A ||
		    load->size == 1 || successors_need_a(graph, block))
			continue;
		load->raw = true;
		if (block->term == TERM_BRANCH) {
			block->k = as_in_packet(block->k, load->size);
			continue;
		}
		for (size_t j = 0; j < block->case_count; j++)
			block->cases[j].k = as_in_packet(block->cases[j].k, load->size);
		block->low = 0;
		block->high = UINT32_MAX >> (32 - 8 * load->size);
		qsort(block->cases, block->case_count, sizeof(*block->cases), case_order);
	}
}
