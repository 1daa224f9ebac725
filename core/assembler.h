/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* A buffer of eBPF instructions with labels, for jumps of any length: those that 16 bits cannot
 * reach go through islands, which are jumps in the code. */
#ifndef CBPF_ASSEMBLER_H
#define CBPF_ASSEMBLER_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct assembler_jump {
	uint32_t index; /* of the instruction */
	uint32_t label;
};

struct assembler {
	struct bpf_insn *insns;
	uint32_t *origins; /* of each instruction */
	size_t count, room;
	int64_t *labels; /* their instructions, -1 if not bound yet */
	bool *wanted;	 /* labels that are jumped to */
	size_t label_count, label_room;
	struct assembler_jump *jumps; /* that are not patched yet, by index */
	size_t jump_count, jump_room;
	uint32_t origin; /* for the next instructions */
	bool ended;	 /* control does not reach what follows the last instruction */
	int fault;	 /* 0, -ENOMEM or -E2BIG; nothing more is emitted then */
};

/* Returns 0 or -ENOMEM. */
int assembler_start(struct assembler *assembler, size_t label_count);
void assembler_release(struct assembler *assembler);

void assembler_emit(struct assembler *assembler, struct bpf_insn insn);
/* Emits a jump, conditional or not, to a label. */
void assembler_jump(struct assembler *assembler, struct bpf_insn insn, size_t label);
/* One more label, behind those that it was started with. */
size_t assembler_label(struct assembler *assembler);
/* The label is the next instruction. */
void assembler_bind(struct assembler *assembler, size_t label);
/* Called where an island may stand: at least every ASSEMBLER_STRIDE instructions, but not within
 * the reach of a jump of fixed distance. */
void assembler_breathe(struct assembler *assembler);
#define ASSEMBLER_STRIDE 512
/* Sets the remaining distances and returns fault. All labels that are jumped to must be bound. */
int assembler_finish(struct assembler *assembler);

#endif
