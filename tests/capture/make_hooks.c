/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes many hooks with few programs.
 *
 * usage: make_hooks FOLDER COUNT
 *
 * Pins them at FOLDER/0, FOLDER/1, ..., and the programs that leave through them at FOLDER/owner...
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

/* The kernel's limit of maps that a program names is 64. */
#define HOOKS_A_PROGRAM 60

#define SLOTS 5

static int fail(const char *what)
{
	fprintf(stderr, "make_hooks: %s: %s\n", what, strerror(errno));
	return 1;
}

static int make_hook(const char *folder, int number)
{
	char path[256];
	int fd = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "many", sizeof(int), sizeof(int), SLOTS,
				NULL);

	snprintf(path, sizeof(path), "%s/%d", folder, number);
	return fd >= 0 && bpf_obj_pin(fd, path) == 0 ? fd : -1;
}

/* Instructions for each hook. */
#define LEAVE_LENGTH 7

/* Leaves with XDP_PASS through the hook with the number of the packet's queue. */
static int load_owner(const int *hooks, int count)
{
	struct bpf_insn insns[LEAVE_LENGTH * HOOKS_A_PROGRAM + 3] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W,
		  .dst_reg = 6,
		  .src_reg = 1,
		  .off = offsetof(struct xdp_md, rx_queue_index) },
	};
	int at = 1;

	for (int i = 0; i < count; i++) {
		const struct bpf_insn leave[LEAVE_LENGTH] = {
			{ .code = BPF_JMP | BPF_JNE | BPF_K,
			  .dst_reg = 6,
			  .imm = i,
			  .off = LEAVE_LENGTH - 1 },
			{ .code = BPF_LD | BPF_IMM | BPF_DW,
			  .dst_reg = 2,
			  .src_reg = BPF_PSEUDO_MAP_FD,
			  .imm = hooks[i] },
			{ 0 },
			{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS },
			{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
			{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
			{ .code = BPF_JMP | BPF_EXIT },
		};

		memcpy(insns + at, leave, sizeof(leave));
		at += LEAVE_LENGTH;
	}
	insns[at++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS };
	insns[at++] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "many", "GPL", insns, at, NULL);
}

int main(int argc, char **argv)
{
	int hooks[HOOKS_A_PROGRAM], held = 0, count, owner;
	char path[256];

	if (argc != 3 || (count = atoi(argv[2])) <= 0) {
		fprintf(stderr, "usage: make_hooks FOLDER COUNT\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		hooks[held] = make_hook(argv[1], i);
		if (hooks[held] < 0)
			return fail("cannot pin a program array");
		if (++held < HOOKS_A_PROGRAM && i + 1 < count)
			continue;
		owner = load_owner(hooks, held);
		snprintf(path, sizeof(path), "%s/owner%d", argv[1], i);
		if (owner < 0 || bpf_obj_pin(owner, path) < 0)
			return fail("cannot load a program");
		while (held > 0)
			close(hooks[--held]);
	}
	return 0;
}
