/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The compiler as the list of its passes, and the programs that come out of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "byteorder.h"
#include "cbpf/cbpf.h"
#include "chain.h"
#include "csource.h"
#include "decode.h"
#include "ebpf.h"
#include "fault.h"
#include "limit.h"
#include "liveness.h"
#include "simplify.h"
#include "validate.h"

struct cbpf_program {
	struct bpf_insn *insns;
	uint32_t *origins;
	size_t count;
	uint32_t reach;
	uint32_t uses;
};

_Static_assert(CBPF_USES_LENGTH == 1u << META_LENGTH && CBPF_USES_IFINDEX == 1u << META_IFINDEX &&
		       CBPF_USES_QUEUE == 1u << META_QUEUE,
	       "bits of graph_metas()");

/* One round of simplification: what became unneeded by it is dropped at once. Returns the number of
 * chains that were made searches, or -ENOMEM. */
static int graph_refine(struct graph *graph)
{
	struct value_table values;
	struct chain_values ends = { 0 };
	struct simplify_listener listener = { chain_values_note, &ends };
	int result = value_table_start(&values);

	if (result)
		return result;
	graph_live(graph);
	result = chain_values_start(&ends, graph->count);
	if (result == 0)
		result = graph_simplify(graph, &values, &listener);
	if (result == 0) {
		graph_drop_dead(graph);
		result = graph_search_chains(graph, &values, &ends);
	}
	chain_values_release(&ends);
	value_table_release(&values);
	return result;
}

/* Rounds until there is nothing more to find; each makes the program shorter. */
#define REFINE_ROUNDS 3

static int graph_build(struct graph *graph, const struct sock_filter *code, size_t length,
		       uint32_t limit, uint32_t *reach, struct cbpf_error *error)
{
	int result = program_decode(graph, code, length, error);

	if (result == 0)
		result = graph_reach(graph);
	for (int round = 0; round < REFINE_ROUNDS && result >= 0; round++) {
		result = graph_refine(graph);
		if (result == 0 && round > 0)
			break;
	}
	if (result < 0)
		return result;
	*reach = graph_bytes(graph);
	result = graph_bound(graph, limit);
	if (result)
		return result;
	graph_drop_dead(graph);
	graph_compare_raw(graph);
	return 0;
}

static int graph_translate(struct graph *graph, const struct cbpf_options *options, uint32_t limit,
			   struct cbpf_program *program, struct cbpf_error *error)
{
	struct assembler assembler;
	int result = assembler_start(&assembler, graph->count);

	program->uses =
		graph_metas(graph) & (CBPF_USES_LENGTH | CBPF_USES_IFINDEX | CBPF_USES_QUEUE);

	if (result)
		return result;
	result = graph_emit(graph, options->access, limit, &assembler);
	if (result == 0) {
		program->insns = assembler.insns;
		program->origins = assembler.origins;
		program->count = assembler.count;
		assembler.insns = NULL;
		assembler.origins = NULL;
	}
	if (result == -E2BIG)
		fault(error, result,
		      "the program needs more than 1000000 eBPF instructions, or "
		      "jumps too far back");
	assembler_release(&assembler);
	return result;
}

/* Fills *wanted with the caller's options, whatever version of the library they are for. */
static int options_read(const struct cbpf_options *options, struct cbpf_options *wanted,
			struct cbpf_error *error)
{
	*wanted = (struct cbpf_options){ .size = sizeof(*wanted) };
	if (options && options->size < sizeof(options->size))
		return fault(error, -EINVAL, "the size of the options is not set");
	if (options)
		memcpy(wanted, options,
		       options->size < sizeof(*wanted) ? options->size : sizeof(*wanted));
	if (wanted->access == CBPF_ACCESS_PACKET)
		return 0;
	if (wanted->access != CBPF_ACCESS_BUFFER)
		return fault(error, -EINVAL, "access to the packet by an unknown way");
	if (wanted->buffer_size == 0 || wanted->buffer_size > CBPF_BUFFER_BYTES)
		return fault(error, -EINVAL, "a buffer of %u bytes: 1 to %u are possible",
			     wanted->buffer_size, CBPF_BUFFER_BYTES);
	return 0;
}

int cbpf_compile(const struct sock_filter *code, size_t length, const struct cbpf_options *options,
		 struct cbpf_program **ret, struct cbpf_error *error)
{
	struct cbpf_error unused;
	struct cbpf_error *told = error ? error : &unused;
	struct arena arena = { 0 };
	struct graph graph = { .arena = &arena };
	struct cbpf_options wanted;
	struct cbpf_program *program;
	uint32_t limit;
	int result;

	result = options_read(options, &wanted, told);
	if (result == 0)
		result = program_validate(code, length, told);
	if (result)
		return result;
	program = calloc(1, sizeof(*program));
	if (!program)
		return fault(told, -ENOMEM, "out of memory");
	limit = wanted.access == CBPF_ACCESS_BUFFER ? wanted.buffer_size : CBPF_PACKET_BYTES;
	result = graph_build(&graph, code, length, limit, &program->reach, told);
	if (result == 0)
		result = graph_translate(&graph, &wanted, limit, program, told);
	arena_release(&arena);
	if (result == -ENOMEM)
		fault(told, result, "out of memory");
	if (result)
		cbpf_program_free(program);
	else
		*ret = program;
	return result;
}

/* What a name in C is made of. */
static bool name_usable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789";
	size_t length = name ? strlen(name) : 0;

	return length > 0 && length < 64 && strspn(name, letters) == length &&
	       !(name[0] >= '0' && name[0] <= '9');
}

int cbpf_compile_c(const struct sock_filter *code, size_t length,
		   const struct cbpf_options *options, const char *name, char **ret,
		   struct cbpf_error *error)
{
	struct arena arena = { 0 };
	struct graph graph = { .arena = &arena };
	struct text text = { 0 };
	struct cbpf_options wanted;
	uint32_t limit, reach;
	int result;

	result = options_read(options, &wanted, error);
	if (result == 0 && !name_usable(name))
		result = fault(error, -EINVAL, "the function's name is no name in C");
	if (result == 0)
		result = program_validate(code, length, error);
	if (result)
		return result;
	limit = wanted.access == CBPF_ACCESS_BUFFER ? wanted.buffer_size : CBPF_PACKET_BYTES;
	result = graph_build(&graph, code, length, limit, &reach, error);
	if (result == 0)
		graph_write_c(&graph, wanted.access, limit, name, &text);
	arena_release(&arena);
	if (result == 0 && text.failed)
		result = -ENOMEM;
	if (result == -ENOMEM)
		fault(error, result, "out of memory");
	if (result)
		free(text.bytes);
	else
		*ret = text.bytes;
	return result;
}

const struct bpf_insn *cbpf_program_insns(const struct cbpf_program *program, size_t *count)
{
	*count = program->count;
	return program->insns;
}

const uint32_t *cbpf_program_origins(const struct cbpf_program *program)
{
	return program->origins;
}

uint32_t cbpf_program_reach(const struct cbpf_program *program)
{
	return program->reach;
}

uint32_t cbpf_program_uses(const struct cbpf_program *program)
{
	return program->uses;
}

void cbpf_program_free(struct cbpf_program *program)
{
	if (!program)
		return;
	free(program->insns);
	free(program->origins);
	free(program);
}
