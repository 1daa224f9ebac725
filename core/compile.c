/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* The compiler as a list of passes, and the compiled program. */
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

/* One call of the library. */
struct compilation {
	struct cbpf_options options;
	uint32_t limit; /* bytes of the packet within reach */
	struct cbpf_error *error;
	struct arena arena;
	struct value_table values;
	struct graph graph;
	uint32_t reach;
};

_Static_assert(CBPF_USES_LENGTH == 1u << META_LENGTH && CBPF_USES_IFINDEX == 1u << META_IFINDEX &&
		       CBPF_USES_QUEUE == 1u << META_QUEUE,
	       "bits of graph_metas()");

/* A simplified program can often be simplified further: do it twice, and once more if chains became
 * searches. */
#define ROUNDS	     3
#define ROUNDS_LEAST 2

/* All passes, in order; graph_emit() or graph_write_c() follows. Returns 0 or a negative errno;
 * fills *error if the program is at fault. */
static int passes_run(struct compilation *compilation, const struct sock_filter *code,
		      size_t length)
{
	struct graph *graph = &compilation->graph;
	int result, searches = 0;

	result = program_validate(code, length, compilation->error);
	if (result == 0)
		result = program_decode(graph, code, length, compilation->error);
	for (int i = 0; result == 0 && i < ROUNDS && (i < ROUNDS_LEAST || searches > 0); i++) {
		graph_live(graph);
		result = graph_simplify(graph);
		if (result)
			break;
		graph_drop_dead(graph);
		result = graph_search_chains(graph, &searches);
	}
	if (result == 0) {
		compilation->reach = graph_bytes(graph);
		result = graph_bound(graph, compilation->limit);
	}
	if (result == 0) {
		graph_drop_dead(graph);
		graph_compare_raw(graph);
	}
	if (graph_exhausted(graph))
		return fault(compilation->error, CBPF_ERROR_WORK,
			     "compiling it takes more than %ju steps: use a shorter filter, or "
			     "several",
			     (uintmax_t)CBPF_STEPS_MAX);
	return result;
}

/* Copies the caller's options, which may have the size of an older or newer version. */
static int options_read(const struct cbpf_options *options, struct cbpf_options *ret_options,
			struct cbpf_error *error)
{
	*ret_options = (struct cbpf_options){ .size = sizeof(*ret_options) };
	if (options && options->size < sizeof(options->size))
		return fault(error, CBPF_ERROR_OPTIONS, "the size of the options is not set");
	if (options)
		memcpy(ret_options, options,
		       options->size < sizeof(*ret_options) ? options->size : sizeof(*ret_options));
	if (ret_options->access == CBPF_ACCESS_PACKET)
		return 0;
	if (ret_options->access != CBPF_ACCESS_BUFFER)
		return fault(error, CBPF_ERROR_OPTIONS, "unknown kind of access to the packet");
	if (ret_options->buffer_size == 0 || ret_options->buffer_size > CBPF_BUFFER_BYTES)
		return fault(error, CBPF_ERROR_OPTIONS,
			     "a buffer of %u bytes: 1 to %u are possible", ret_options->buffer_size,
			     CBPF_BUFFER_BYTES);
	return 0;
}

/* Returns 0 or a negative errno. compilation_end() must follow in either case. */
static int compilation_start(struct compilation *compilation, const struct cbpf_options *options,
			     struct cbpf_error *error)
{
	struct graph *graph = &compilation->graph;
	int result;

	*compilation = (struct compilation){ .error = error };
	graph->arena = &compilation->arena;
	graph->values = &compilation->values;
	result = options_read(options, &compilation->options, error);
	compilation->limit = compilation->options.access == CBPF_ACCESS_BUFFER
				     ? compilation->options.buffer_size
				     : CBPF_PACKET_BYTES;
	return result ? result : value_table_start(graph->values, &graph->steps);
}

/* Frees everything and returns result. Fills *error if memory ran out. */
static int compilation_end(struct compilation *compilation, int result)
{
	value_table_release(&compilation->values);
	arena_release(&compilation->arena);
	if (result == -ENOMEM)
		fault(compilation->error, CBPF_ERROR_MEMORY, "out of memory");
	return result;
}

/* Emits the blocks into *program. */
static int program_fill(struct cbpf_program *program, struct compilation *compilation)
{
	struct graph *graph = &compilation->graph;
	struct assembler assembler;
	int result = assembler_start(&assembler, graph->count);

	if (result)
		return result;
	result = graph_emit(graph, compilation->options.access, compilation->limit, &assembler);
	if (result == 0) {
		program->insns = assembler.insns;
		program->origins = assembler.origins;
		program->count = assembler.count;
		assembler.insns = NULL;
		assembler.origins = NULL;
	}
	program->reach = compilation->reach;
	program->uses =
		graph_metas(graph) & (CBPF_USES_LENGTH | CBPF_USES_IFINDEX | CBPF_USES_QUEUE);
	if (result == -E2BIG)
		fault(compilation->error, CBPF_ERROR_SIZE,
		      "the program becomes more than 1000000 eBPF instructions, or jumps "
		      "farther than they can: use a shorter filter, or several");
	assembler_release(&assembler);
	return result;
}

int cbpf_compile(const struct sock_filter *code, size_t length, const struct cbpf_options *options,
		 struct cbpf_program **ret_program, struct cbpf_error *error)
{
	struct compilation compilation;
	struct cbpf_program *program = NULL;
	int result = compilation_start(&compilation, options, error);

	if (result == 0)
		result = passes_run(&compilation, code, length);
	if (result == 0) {
		program = calloc(1, sizeof(*program));
		result = program ? program_fill(program, &compilation) : -ENOMEM;
	}
	if (result)
		cbpf_program_free(program);
	else
		*ret_program = program;
	return compilation_end(&compilation, result);
}

/* True for a C identifier. */
static bool name_usable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789";
	size_t length = name ? strlen(name) : 0;

	return length > 0 && length < 64 && strspn(name, letters) == length &&
	       !(name[0] >= '0' && name[0] <= '9');
}

int cbpf_compile_c(const struct sock_filter *code, size_t length,
		   const struct cbpf_options *options, const char *name, char **ret_text,
		   struct cbpf_error *error)
{
	struct compilation compilation;
	struct text text = { 0 };
	int result = compilation_start(&compilation, options, error);

	if (result == 0 && !name_usable(name))
		result = fault(error, CBPF_ERROR_OPTIONS, "the function's name is no name in C");
	if (result == 0)
		result = passes_run(&compilation, code, length);
	if (result == 0)
		graph_write_c(&compilation.graph, compilation.options.access, compilation.limit,
			      name, &text);
	if (result == 0 && text.failed)
		result = -ENOMEM;
	if (result)
		free(text.bytes);
	else
		*ret_text = text.bytes;
	return compilation_end(&compilation, result);
}

const struct bpf_insn *cbpf_program_insns(const struct cbpf_program *program, size_t *ret_count)
{
	*ret_count = program->count;
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
