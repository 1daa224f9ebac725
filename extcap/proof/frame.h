/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a function's registers and stack before one of its instructions.
 *
 * Two places of a frame with the same label hold, at this instruction, numbers that have their low
 * 32 bits in common, whatever these are. That is what a proof needs that a program returns the very
 * number that it had as index.
 */
#ifndef XDPSHARK_FRAME_H
#define XDPSHARK_FRAME_H

#include <linux/bpf.h>

#include "content.h"

/* r0 to r10, and the one that the kernel's own rewriting uses (BPF_REG_AX). */
#define FRAME_REGISTERS 12

/* More pieces of the stack are not remembered: the oldest is forgotten. */
#define FRAME_CELLS 96

#define FRAME_PLACES (FRAME_REGISTERS + FRAME_CELLS)

/* A piece of the stack that was written or read as one. */
typedef struct {
	gint32 offset; /* from r10 */
	guint32 size;
	Content value; /* as a load of that size gives it */
} Cell;

typedef struct {
	Content registers[FRAME_REGISTERS];
	guint cell_count;
	Cell cells[FRAME_CELLS];
} Frame;

/* Labels of a function's arguments: these are in r1 to r5 at its start. */
#define FRAME_ARGUMENTS		 5
#define FRAME_ARGUMENT_LABEL(N)	 ((guint32)(N))
#define FRAME_IS_ARGUMENT(LABEL) ((LABEL) >= 1 && (LABEL) <= FRAME_ARGUMENTS)

/* At the start of the program, or of another function of it. */
void frame_begin(Frame *frame, gboolean is_main);

/* A copy is as long as its cells need. To be freed by g_free(). */
Frame *frame_copy(const Frame *frame);
void frame_assign(Frame *frame, const Frame *from);

/* Runs instruction number `at` that is neither a jump nor an exit. */
void frame_step(Frame *frame, const struct bpf_insn *insn, guint32 at);

/* Whether an instruction of class BPF_ST or BPF_STX writes to memory (some are barriers or loads).
 */
gboolean frame_is_store(const struct bpf_insn *insn);

/* What a call leaves; of a helper, or of a function of the program. */
void frame_call(Frame *frame, const struct bpf_insn *insn);

/* What a tail call leaves that finds no program. */
void frame_tail_call(Frame *frame);

/* Is the conditional jump taken? */
Jump frame_jump(const Frame *frame, const struct bpf_insn *insn);

/* Learns from its being taken, or not. FALSE if that cannot be. */
gboolean frame_learn(Frame *frame, const struct bpf_insn *insn, gboolean taken);

/* Makes of frame, which held at the jump target `at`, what holds there if other may, too. widen:
 * gives up on numbers that still change. Whether anything changed. */
gboolean frame_join(Frame *frame, const Frame *other, guint32 at, gboolean widen);

/* Whether everything that other allows, frame allows; labels do not count. */
gboolean frame_covers(const Frame *frame, const Frame *other);

/* Learns that the low `width` bits (32 at most) of what has the label are those of number, in all
 * that shares them. extended: the labelled number is known to be extended from its low 32 bits.
 * FALSE if it cannot be. */
gboolean frame_substitute(Frame *frame, guint32 label, guint width, gboolean extended,
			  guint32 number);

/* Place number n: the registers, and then the cells. */
Content *frame_place(Frame *frame, guint n);
guint frame_place_count(const Frame *frame);

#endif /* XDPSHARK_FRAME_H */
