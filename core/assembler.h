/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* A buffer of eBPF instructions with labels, for jumps of any length: jumps too long for a 16-bit
 * offset go through islands, groups of jumps in the code. */
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
	bool *wanted;	 /* labels that something jumps to */
	size_t label_count, label_room;
	struct assembler_jump *jumps; /* not patched yet, by index */
	size_t jump_count, jump_room;
	uint32_t origin; /* for the next instructions */
	bool ended;	 /* control cannot get past the last instruction */
	int fault;	 /* 0, or -ENOMEM or -E2BIG, after which nothing is emitted */
};

/* Returns 0 or -ENOMEM. */
int assembler_start(struct assembler *assembler, size_t label_count);
void assembler_release(struct assembler *assembler);

void assembler_emit(struct assembler *assembler, struct bpf_insn insn);
/* Emits a jump, conditional or not, to a label. */
void assembler_jump(struct assembler *assembler, struct bpf_insn insn, size_t label);
/* A new label, in addition to those that the assembler was started with. */
size_t assembler_label(struct assembler *assembler);
/* Binds the label to the next instruction. */
void assembler_bind(struct assembler *assembler, size_t label);
/* Must be called at least every ASSEMBLER_STRIDE instructions, where an island may be inserted: not
 * within the reach of a jump with a fixed offset. */
void assembler_breathe(struct assembler *assembler);
#define ASSEMBLER_STRIDE 512
/* Patches the remaining jumps and returns fault. All labels that are jumped to must be bound. */
int assembler_finish(struct assembler *assembler);

#endif
