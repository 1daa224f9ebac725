/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Compiles classic code and runs it in the interpreter, for one-line tests. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#include "reference.h"

struct cbpf_program *machine_compile(const struct sock_filter *code, gsize length,
				     const struct cbpf_options *options)
{
	struct cbpf_program *program = NULL;
	struct cbpf_error error = { .text = "" };

	if (cbpf_compile(code, length, options, &program, &error))
		g_error("refused: %s", error.text);
	return program;
}

struct cbpf_program *machine_filter(const gchar *expression, gboolean optimize)
{
	struct sock_filter *code = NULL;
	char why[256] = "";
	gsize length = reference_compile(expression, optimize, &code, why);
	struct cbpf_program *program;

	if (length == 0)
		g_error("%s: %s", expression, why);
	program = machine_compile(code, length, NULL);
	free(code);
	return program;
}

static struct vm_result run(const struct cbpf_program *program,
			    const struct vm_arguments *arguments)
{
	const struct bpf_insn *insns;
	struct vm_result result;
	size_t count;

	insns = cbpf_program_insns(program, &count);
	result = vm_run(insns, count, arguments);
	if (result.fault)
		g_error("eBPF instruction %zu %s", result.at, result.fault);
	return result;
}

struct vm_result machine_run(const struct cbpf_program *program, const guint8 *bytes,
			     guint32 length)
{
	return machine_run_length(program, bytes, length, length);
}

struct vm_result machine_run_length(const struct cbpf_program *program, const guint8 *bytes,
				    guint32 readable, guint32 length)
{
	/* A copy of exactly this size, so that a sanitizer sees reads beyond it. */
	g_autofree guint8 *copy = g_memdup2(bytes, readable ? readable : 1);
	struct vm_arguments arguments = { .bytes = copy,
					  .readable = readable,
					  .length = length,
					  .ifindex = MACHINE_IFINDEX,
					  .queue = MACHINE_QUEUE,
					  .cpu = MACHINE_CPU };

	return run(program, &arguments);
}

struct vm_result machine_run_buffer(const struct cbpf_program *program, const guint8 *bytes,
				    guint32 captured, guint32 size, guint32 length)
{
	g_autofree guint8 *copy = g_malloc0(size);
	struct vm_arguments arguments = { .bytes = copy,
					  .readable = size,
					  .second = captured,
					  .length = length,
					  .ifindex = MACHINE_IFINDEX,
					  .queue = MACHINE_QUEUE,
					  .cpu = MACHINE_CPU };

	memcpy(copy, bytes, captured);
	return run(program, &arguments);
}

gsize machine_count(const struct cbpf_program *program, guint8 opcode)
{
	const struct bpf_insn *insns;
	size_t count;
	gsize found = 0;

	insns = cbpf_program_insns(program, &count);
	for (size_t i = 0; i < count; i++)
		found += insns[i].code == opcode;
	return found;
}
