/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Loads compiled programs into the running kernel and runs them over packets there. */
#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backlog.h"

#define FRAME_INSNS	   9
#define BUFFER_FRAME_INSNS 20

static int bpf(int command, union bpf_attr *attributes)
{
	long result = syscall(SYS_bpf, command, attributes, sizeof(*attributes));

	return result < 0 ? -errno : (int)result;
}

/* The caller of the compiled function: passes it the fields of the context and returns its
 * result. */
static const struct bpf_insn frame[FRAME_INSNS] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
	{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 1, .src_reg = 6, .off = 0 },
	{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 2, .src_reg = 6, .off = 4 },
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 2 },
	{ .code = BPF_ALU64 | BPF_SUB | BPF_X, .dst_reg = 3, .src_reg = 1 },
	{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 4, .src_reg = 6, .off = 12 },
	{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 5, .src_reg = 6, .off = 16 },
	{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 1 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int load(const struct bpf_insn *insns, size_t count, char *log, size_t log_size)
{
	union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_XDP };
	int result;

	attributes.insns = (uintptr_t)insns;
	attributes.insn_cnt = (uint32_t)count;
	attributes.license = (uintptr_t) "GPL";
	if (log) {
		attributes.log_buf = (uintptr_t)log;
		attributes.log_size = (uint32_t)log_size;
		attributes.log_level = 4; /* statistics, and why a program was rejected */
		log[0] = '\0';
	}
	result = bpf(BPF_PROG_LOAD, &attributes);
	/* EAGAIN: a signal arrived while the verifier was at work. */
	return result == -EAGAIN ? bpf(BPF_PROG_LOAD, &attributes) : result;
}

/* Loads the function, placed behind its caller. */
static int load_both(const struct bpf_insn *caller, size_t caller_count,
		     const struct cbpf_program *program, char *log, size_t log_size)
{
	size_t count;
	const struct bpf_insn *body = cbpf_program_insns(program, &count);
	struct bpf_insn *insns = calloc(caller_count + count, sizeof(*insns));
	int result;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, caller, caller_count * sizeof(*insns));
	memcpy(insns + caller_count, body, count * sizeof(*insns));
	result = load(insns, caller_count + count, log, log_size);
	free(insns);
	return result;
}

int kernel_load(const struct cbpf_program *program, char *log, size_t log_size)
{
	return load_both(frame, FRAME_INSNS, program, log, log_size);
}

void kernel_unload(int program)
{
	close(program);
	/* The caller and the function are freed separately. */
	backlog_add(2);
}

int kernel_map(uint32_t size)
{
	union bpf_attr attributes = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = size, .max_entries = 1
	};

	return bpf(BPF_MAP_CREATE, &attributes);
}

int kernel_map_write(int map, const void *value)
{
	union bpf_attr attributes = { 0 };
	uint32_t key = 0;

	attributes.map_fd = (uint32_t)map;
	attributes.key = (uintptr_t)&key;
	attributes.value = (uintptr_t)value;
	return bpf(BPF_MAP_UPDATE_ELEM, &attributes);
}

int kernel_load_buffer(const struct cbpf_program *program, int map, uint32_t size, char *log,
		       size_t log_size)
{
	const struct bpf_insn caller[BUFFER_FRAME_INSNS] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
		{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 1, .src_reg = 6, .off = 0 },
		{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 7, .src_reg = 6, .off = 4 },
		{ .code = BPF_ALU64 | BPF_SUB | BPF_X, .dst_reg = 7, .src_reg = 1 },
		{ .code = BPF_ST | BPF_W | BPF_MEM, .dst_reg = 10, .off = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD, .dst_reg = 2, .imm = -4 },
		{ .code = BPF_LD | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 7 },
		{ .code = BPF_JMP | BPF_JLE | BPF_K, .dst_reg = 2, .off = 1, .imm = (int32_t)size },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = (int32_t)size },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 7 },
		{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 4, .src_reg = 6, .off = 12 },
		{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 5, .src_reg = 6, .off = 16 },
		{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load_both(caller, BUFFER_FRAME_INSNS, program, log, log_size);
}

uint64_t kernel_log_processed(const char *log)
{
	const char *line = strstr(log, "processed ");

	return line ? strtoull(line + strlen("processed "), NULL, 10) : 0;
}

int kernel_run(int program, const void *packet, uint32_t length, uint32_t *ret_value)
{
	union bpf_attr attributes = { 0 };
	int result;

	attributes.test.prog_fd = (uint32_t)program;
	attributes.test.data_in = (uintptr_t)packet;
	attributes.test.data_size_in = length;
	attributes.test.repeat = 1;
	result = bpf(BPF_PROG_TEST_RUN, &attributes);
	*ret_value = attributes.test.retval;
	return result;
}

bool kernel_usable(char *why, size_t why_size)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int program = load(insns, 2, NULL, 0);

	if (program >= 0) {
		kernel_unload(program);
		return true;
	}
	snprintf(why, why_size, "no permission to load an XDP program here (%s)",
		 strerror(-program));
	return false;
}
