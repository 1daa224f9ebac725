/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes many hooks with few programs: a hook belongs to the first program that names it, for good,
 * and these are gone at the end.
 *
 * usage: make_hooks FOLDER COUNT
 *
 * Pins them at FOLDER/0, FOLDER/1, ...
 */
#include <errno.h>
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

/* return XDP_PASS, after the address of each hook was loaded */
static int load_owner(const int *hooks, int count)
{
	struct bpf_insn insns[2 * HOOKS_A_PROGRAM + 2] = { 0 };
	int at = 0;

	for (int i = 0; i < count; i++) {
		insns[at] = (struct bpf_insn){ .code = BPF_LD | BPF_IMM | BPF_DW,
					       .dst_reg = 1,
					       .src_reg = BPF_PSEUDO_MAP_FD,
					       .imm = hooks[i] };
		at += 2;
	}
	insns[at++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 2 };
	insns[at++] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "many", "GPL", insns, at, NULL);
}

int main(int argc, char **argv)
{
	int hooks[HOOKS_A_PROGRAM], held = 0, count;

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
		if (load_owner(hooks, held) < 0)
			return fail("cannot load a program");
		while (held > 0)
			close(hooks[--held]);
	}
	return 0;
}
