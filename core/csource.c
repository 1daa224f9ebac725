/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Writes the blocks as a C function, with the same checks in the same places as in the eBPF code.
 */
#include "csource.h"

#include <stdlib.h>

#include "bounds.h"
#include "limit.h"

struct writer {
	struct graph *graph;
	struct text *text;
	bool packet; /* packet access */
	uint32_t limit;
};

static const char *const place_names[] = { "a",	  "x",	 "m0",	"m1",  "m2",  "m3",
					   "m4",  "m5",	 "m6",	"m7",  "m8",  "m9",
					   "m10", "m11", "m12", "m13", "m14", "m15" };

static const char *alu_sign(uint8_t alu)
{
	static const char *const signs[] = { [BPF_ADD >> 4] = "+",  [BPF_SUB >> 4] = "-",
					     [BPF_MUL >> 4] = "*",  [BPF_DIV >> 4] = "/",
					     [BPF_OR >> 4] = "|",   [BPF_AND >> 4] = "&",
					     [BPF_LSH >> 4] = "<<", [BPF_RSH >> 4] = ">>",
					     [BPF_MOD >> 4] = "%",  [BPF_XOR >> 4] = "^" };

	return signs[alu >> 4];
}

/* Turns bytes of the packet into a number, for machines with the byte order of this one. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOAD "\t%s = __builtin_bswap%u(*(const __u%u *)(const void *)(%s + %u));\n"
#else
#define LOAD "\t%s = (__u%u)(*(const __u%u *)(const void *)(%s + %u));\n"
#endif

static void write_load(struct writer *writer, const struct op *op, const char *base)
{
	const char *place = place_names[op->dst];

	if (op->raw)
		text_add(writer->text, "\t%s = *(const __u%u *)(const void *)(%s + %u);\n", place,
			 8u * op->size, base, op->k);
	else if (op->size == 1)
		text_add(writer->text, "\t%s = %s[%u];\n", place, base, op->k);
	else
		text_add(writer->text, LOAD, place, 8u * op->size, 8u * op->size, base, op->k);
}

static void write_check(struct writer *writer, const struct op *op)
{
	if (writer->packet)
		text_add(writer->text, "\tif (data + %u > data_end)\n\t\treturn 0;\n", op->k);
	else
		text_add(writer->text, "\tif (captured < %u)\n\t\treturn 0;\n", op->k);
}

static void write_check_x(struct writer *writer, const struct op *op)
{
	if (op->pointer == POINTER_FORGET)
		text_add(writer->text, "\tCBPF_FORGET(x);\n");
	/* In 64 bits and pinned: otherwise the compiler reuses what it computed before X was
	 * compared, whose limit the verifier does not know. */
	if (op->pointer != POINTER_KEEP)
		text_add(writer->text, "\tat = x;\n\tCBPF_PIN(at);\n");
	if (op->pointer == POINTER_LIMIT || op->pointer == POINTER_FORGET)
		text_add(writer->text, "\tif (at > %u)\n\t\treturn 0;\n", writer->limit - op->k);
	if (op->pointer != POINTER_KEEP)
		text_add(writer->text, "\tp = data + at;\n\tCBPF_PIN(p);\n");
	if (writer->packet)
		text_add(writer->text, "\tif (p + %u > data_end)\n\t\treturn 0;\n", op->k);
	else
		text_add(writer->text, "\tif ((__u64)x + %u > captured)\n\t\treturn 0;\n", op->k);
}

static void write_meta(struct writer *writer, const struct op *op)
{
	static const char *const sources[] = { [META_LENGTH] = "length",
					       [META_IFINDEX] = "ifindex",
					       [META_QUEUE] = "queue",
					       [META_CPU] = "bpf_get_smp_processor_id()",
					       [META_RANDOM] = "bpf_get_prandom_u32()" };

	text_add(writer->text, "\t%s = %s;\n", place_names[op->dst], sources[op->k]);
}

static void write_alu(struct writer *writer, const struct op *op)
{
	if (op->alu == BPF_NEG)
		text_add(writer->text, "\ta = 0u - a;\n");
	else if (op->src == PLACE_NONE)
		text_add(writer->text, "\ta = a %s %uu;\n", alu_sign(op->alu), op->k);
	else if (op->alu == BPF_LSH || op->alu == BPF_RSH)
		text_add(writer->text, "\ta = x < 32 ? a %s x : 0;\n", alu_sign(op->alu));
	else
		text_add(writer->text, "\ta = a %s x;\n", alu_sign(op->alu));
}

static void write_op(struct writer *writer, const struct op *op)
{
	switch (op->kind) {
	case OP_CHECK:
		write_check(writer, op);
		return;
	case OP_CHECK_X:
		write_check_x(writer, op);
		return;
	case OP_GUARD_X:
		text_add(writer->text, "\tif (x == 0)\n\t\treturn 0;\n");
		return;
	case OP_LOAD:
		write_load(writer, op, "data");
		return;
	case OP_LOAD_X:
		write_load(writer, op, "p");
		return;
	case OP_MSH:
		text_add(writer->text, "\tx = (data[%u] & 15u) << 2;\n", op->k);
		return;
	case OP_IMM:
		text_add(writer->text, "\t%s = %uu;\n", place_names[op->dst], op->k);
		return;
	case OP_META:
		write_meta(writer, op);
		return;
	case OP_MOVE:
		text_add(writer->text, "\t%s = %s;\n", place_names[op->dst], place_names[op->src]);
		return;
	default:
		write_alu(writer, op);
	}
}

static void write_jump(struct writer *writer, size_t from, uint32_t target, size_t next)
{
	const struct block *block = &writer->graph->blocks[target];

	if (block->term == TERM_RETURN && block->op_count == 0) {
		text_add(writer->text, "\treturn %uu;\n", block->k);
		return;
	}
	if (target <= from) {
		for (unsigned int place = 0; place < PLACE_COUNT; place++) {
			if (block->live & PLACE_BIT(place))
				text_add(writer->text, "\tCBPF_FORGET(%s);\n", place_names[place]);
		}
		text_add(writer->text, "\tif (--rounds == 0)\n\t\treturn 0;\n");
	}
	if (target != next)
		text_add(writer->text, "\tgoto b%u;\n", target);
}

static void write_branch(struct writer *writer, const struct block *block, size_t index,
			 size_t next)
{
	static const char *const signs[] = { [BPF_JEQ >> 4] = "==",
					     [BPF_JGT >> 4] = ">",
					     [BPF_JGE >> 4] = ">=",
					     [BPF_JSET >> 4] = "&" };
	const char *sign = signs[block->test >> 4];

	if (block->test_x)
		text_add(writer->text, "\tif (a %s x)\n\t", sign);
	else
		text_add(writer->text, "\tif (a %s %uu)\n\t", sign, block->k);
	/* The if needs a jump even to the next block. */
	write_jump(writer, index, block->succ[0], SIZE_MAX);
	write_jump(writer, index, block->succ[1], next);
}

static void write_switch(struct writer *writer, const struct block *block, size_t index,
			 size_t next)
{
	text_add(writer->text, "\tswitch (a) {\n");
	for (size_t i = 0; i < block->case_count; i++) {
		bool last = i + 1 == block->case_count ||
			    block->cases[i + 1].target != block->cases[i].target;

		text_add(writer->text, "\tcase %uu:\n", block->cases[i].k);
		if (last) {
			text_add(writer->text, "\t");
			write_jump(writer, index, block->cases[i].target, SIZE_MAX);
		}
	}
	text_add(writer->text, "\tdefault:\n\t\tbreak;\n\t}\n");
	write_jump(writer, index, block->succ[0], next);
}

static void write_term(struct writer *writer, const struct block *block, size_t index, size_t next)
{
	switch (block->term) {
	case TERM_RETURN:
		text_add(writer->text, "\treturn %uu;\n", block->k);
		return;
	case TERM_RETURN_A:
		text_add(writer->text, "\treturn a;\n");
		return;
	case TERM_JUMP:
		write_jump(writer, index, block->succ[0], next);
		return;
	case TERM_BRANCH:
		write_branch(writer, block, index, next);
		return;
	default:
		write_switch(writer, block, index, next);
	}
}

/* The variables that the function needs. */
struct uses {
	uint32_t places;
	bool pointer;
};

static struct uses graph_uses(const struct graph *graph)
{
	struct uses uses = { 0 };

	for (size_t i = 0; i < graph->count; i++) {
		const struct block *block = &graph->blocks[i];

		if (!block->reached)
			continue;
		uses.places |= term_reads(block);
		for (size_t j = 0; j < block->op_count; j++) {
			uses.places |= op_reads(&block->ops[j]) | op_writes(&block->ops[j]);
			uses.pointer |= block->ops[j].kind == OP_CHECK_X;
		}
	}
	return uses;
}

static void write_head(struct writer *writer, const char *name)
{
	struct uses uses = graph_uses(writer->graph);

	text_add(writer->text,
		 "/* Does not change a value, but makes the verifier forget what it knows of it. "
		 "*/\n"
		 "#ifndef CBPF_FORGET\n#ifdef __bpf__\n"
		 "#define CBPF_FORGET(v) __asm__ volatile(\"%%0 += %%1\\n%%0 -= %%1\" "
		 ": \"+w\"(v) : \"w\"(length))\n"
		 "#else\n#define CBPF_FORGET(v) ((void)(v))\n#endif\n"
		 "/* Keeps a checked pointer in its register. */\n"
		 "#define CBPF_PIN(v) __asm__ volatile(\"\" : \"+r\"(v))\n#endif\n\n");
	text_add(writer->text,
		 "static __inline __attribute__((always_inline)) __u32\n%s(const __u8 *data, %s, "
		 "__u32 length, __u32 ifindex, __u32 queue)\n{\n",
		 name, writer->packet ? "const __u8 *data_end" : "__u64 captured");
	for (unsigned int place = 0; place < PLACE_COUNT; place++) {
		if (uses.places & PLACE_BIT(place))
			text_add(writer->text, "\t__u32 %s = 0;\n", place_names[place]);
	}
	if (uses.pointer)
		text_add(writer->text, "\tconst __u8 *p;\n\t__u64 at;\n");
	if (writer->graph->loops)
		text_add(writer->text, "\t__u64 rounds = %d;\n", CBPF_ROUNDS);
	text_add(writer->text,
		 "\n\t(void)data;\n\t(void)%s;\n\t(void)length;\n\t(void)ifindex;\n"
		 "\t(void)queue;\n",
		 writer->packet ? "data_end" : "captured");
	if (writer->graph->loops)
		text_add(writer->text, "\t(void)rounds;\n");
}

/* Blocks that only return are written in place of the jumps to them. */
static bool block_is_written(const struct block *block, size_t index)
{
	return block->reached && (index == 0 || block->term != TERM_RETURN || block->op_count > 0);
}

void graph_write_c(struct graph *graph, enum cbpf_access access, uint32_t limit, const char *name,
		   struct text *text)
{
	struct writer writer = {
		.graph = graph, .text = text, .packet = access == CBPF_ACCESS_PACKET, .limit = limit
	};

	write_head(&writer, name);
	for (size_t i = 0; i < graph->count; i++) {
		const struct block *block = &graph->blocks[i];
		size_t next = i + 1;

		if (!block_is_written(block, i))
			continue;
		while (next < graph->count && !block_is_written(&graph->blocks[next], next))
			next++;
		if (i > 0 || block->loop)
			text_add(text, "b%zu: __attribute__((unused));\n", i);
		for (size_t j = 0; j < block->op_count; j++)
			write_op(&writer, &block->ops[j]);
		write_term(&writer, block, i, next);
	}
	text_add(text, "}\n");
}
