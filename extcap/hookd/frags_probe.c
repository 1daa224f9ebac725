// SPDX-License-Identifier: GPL-2.0-or-later
#include "frags_probe.h"

#include <linux/bpf.h>
#include <linux/btf.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "kernel_type.h"
#include "xdp_program.h"

struct FragsProbe {
	GHashTable *known; /* program id to Fact */
	Fact always;	   /* if it is the same for all; FACT_UNKNOWN: ask reader */
	int reader;
};

/* From our own task over an open file to the program that it is of. */
static const struct {
	const char *type, *member;
} path[] = {
	{ "task_struct", "files" },
	{ "files_struct", "fdt" },
	{ "fdtable", "fd" }, /* the array of files follows */
	{ "file", "private_data" },
	{ "bpf_prog", "aux" },
	{ "bpf_prog_aux", "xdp_has_frags" },
};
enum { AT_FILES = 2, AT_ANSWER = G_N_ELEMENTS(path) - 1 };

#define CODE_MAX 64

/* r6 = memory at r6 + offset. */
static guint write_step(struct bpf_insn *insns, guint32 offset, guint32 size)
{
	const struct bpf_insn step[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = (gint32)size },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 6 },
		{ .code = BPF_ALU64, .dst_reg = 3, .imm = (gint32)offset },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 6, .src_reg = 10, .off = -8 },
	};

	memcpy(insns, step, sizeof(step));
	return G_N_ELEMENTS(step);
}

/* Returns the number of an open program's flag; its only argument is the descriptor. */
static int load_reader(const guint32 offsets[static G_N_ELEMENTS(path)])
{
	const struct bpf_insn begin[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 7, .src_reg = 1 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_task },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 0 },
	};
	const struct bpf_insn index[] = {
		{ .code = BPF_ALU64 | BPF_LSH | BPF_K, .dst_reg = 7, .imm = 3 },
		{ .code = BPF_ALU64 | BPF_X, .dst_reg = 6, .src_reg = 7 },
	};
	const struct bpf_insn end[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 0, .src_reg = 6 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_insn insns[CODE_MAX];
	guint length = G_N_ELEMENTS(begin);

	memcpy(insns, begin, sizeof(begin));
	for (guint i = 0; i < G_N_ELEMENTS(path); i++) {
		length += write_step(insns + length, offsets[i], i == AT_ANSWER ? 1 : 8);
		if (i != AT_FILES)
			continue;
		memcpy(insns + length, index, sizeof(index));
		length += G_N_ELEMENTS(index);
		length += write_step(insns + length, 0, 8);
	}
	memcpy(insns + length, end, sizeof(end));
	length += G_N_ELEMENTS(end);
	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, KIND_PROBE, "GPL", insns, length, NULL);
}

/* The reader; -1 if it cannot be had. Before 5.18 no program takes fragments. */
static int prepare(Fact *ret_always)
{
	KernelTypes *types = kernel_types_read();
	KernelTypeQuery queries[G_N_ELEMENTS(path)];
	guint32 offsets[G_N_ELEMENTS(path)] = { 0 };
	gboolean whole = TRUE;

	*ret_always = FACT_UNKNOWN;
	if (!types)
		return -1;
	for (guint i = 0; i < G_N_ELEMENTS(path); i++)
		queries[i] = (KernelTypeQuery){ path[i].type, BTF_KIND_STRUCT, 0 };
	kernel_types_find(types, queries, G_N_ELEMENTS(queries));
	for (guint i = 0; i < G_N_ELEMENTS(path); i++) {
		if (kernel_types_member(types, queries[i].id, path[i].member, &offsets[i]) != 0)
			continue;
		whole = FALSE;
		if (i == AT_ANSWER && queries[i].id != 0)
			*ret_always = FACT_NO;
	}
	kernel_types_free(types);
	return whole ? load_reader(offsets) : -1;
}

FragsProbe *frags_probe_new(void)
{
	FragsProbe *probe = g_new0(FragsProbe, 1);

	probe->known = g_hash_table_new(NULL, NULL);
	probe->reader = -2; /* when it is asked for the first time */
	return probe;
}

void frags_probe_free(FragsProbe *probe)
{
	if (!probe)
		return;
	if (probe->reader >= 0)
		close(probe->reader);
	g_hash_table_unref(probe->known);
	g_free(probe);
}

static Fact read_fact(FragsProbe *probe, guint32 program)
{
	guint64 descriptor;
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &descriptor,
		    .ctx_size_in = sizeof(descriptor));
	int fd, result;

	if (probe->reader == -2)
		probe->reader = prepare(&probe->always);
	if (probe->reader < 0)
		return probe->always;
	fd = bpf_prog_get_fd_by_id(program);
	if (fd < 0)
		return FACT_UNKNOWN;
	descriptor = (guint64)fd;
	result = bpf_prog_test_run_opts(probe->reader, &options);
	close(fd);
	if (result < 0)
		return FACT_UNKNOWN;
	return options.retval ? FACT_YES : FACT_NO;
}

Fact frags_probe_ask(FragsProbe *probe, guint32 program)
{
	gpointer key = GUINT_TO_POINTER(program), known;
	Fact fact;

	if (g_hash_table_lookup_extended(probe->known, key, NULL, &known))
		return GPOINTER_TO_UINT(known);
	fact = read_fact(probe, program);
	g_hash_table_insert(probe->known, key, GUINT_TO_POINTER(fact));
	return fact;
}
