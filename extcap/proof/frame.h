/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a function's registers and stack before one of its instructions.
 *
 * At this instruction, two places of a frame with the same label hold numbers with the same low 32
 * bits, whatever these are. This is how we can prove that a program returns the very number that it
 * used as index.
 */
#ifndef XDPSHARK_FRAME_H
#define XDPSHARK_FRAME_H

#include <linux/bpf.h>

#include "content.h"

/* r0 to r10, and the register that the kernel uses when it rewrites instructions (BPF_REG_AX). */
#define FRAME_REGISTERS 12

/* Maximum number of stack pieces to remember: the oldest ones are forgotten. */
#define FRAME_CELLS 96

#define FRAME_PLACES (FRAME_REGISTERS + FRAME_CELLS)

/* A piece of the stack that was written or read as one. */
typedef struct {
	gint32 offset; /* from r10 */
	guint32 size;
	Content value; /* as loaded with that size */
} Cell;

typedef struct {
	Content registers[FRAME_REGISTERS];
	guint cell_count;
	Cell cells[FRAME_CELLS];
} Frame;

/* Labels of a function's arguments, which are in r1 to r5 at its start. */
#define FRAME_ARGUMENTS		 5
#define FRAME_ARGUMENT_LABEL(N)	 ((guint32)(N))
#define FRAME_IS_ARGUMENT(LABEL) ((LABEL) >= 1 && (LABEL) <= FRAME_ARGUMENTS)

/* Sets the frame at the start of the program, or of another of its functions. */
void frame_begin(Frame *frame, gboolean is_main);

/* A copy has only the cells that it needs. Free with g_free(). */
Frame *frame_copy(const Frame *frame);
void frame_assign(Frame *frame, const Frame *from);

/* Applies instruction number `at`, which is neither a jump nor an exit. */
void frame_step(Frame *frame, const struct bpf_insn *insn, guint32 at);

/* True if an instruction of class BPF_ST or BPF_STX writes to memory (some are barriers or
 * loads). */
gboolean frame_is_store(const struct bpf_insn *insn);

/* Applies a call of a helper or of a function of the program. */
void frame_call(Frame *frame, const struct bpf_insn *insn);

/* Applies a tail call that finds no program. */
void frame_tail_call(Frame *frame);

/* Whether the conditional jump is taken. */
Jump frame_jump(const Frame *frame, const struct bpf_insn *insn);

/* Notes what follows if the jump is taken, or not. FALSE if that is impossible. */
gboolean frame_learn(Frame *frame, const struct bpf_insn *insn, gboolean taken);

/* Weakens frame, which held at jump target `at`, to what also holds for other. widen: gives up on
 * numbers that still change. TRUE if anything changed. */
gboolean frame_join(Frame *frame, const Frame *other, guint32 at, gboolean widen);

/* True if frame allows everything that other allows; labels do not count. */
gboolean frame_covers(const Frame *frame, const Frame *other);

/* Notes that the low `width` bits (at most 32) of the labelled number are those of number, in all
 * places that share them. extended: the labelled number is known to be extended from its low 32
 * bits. FALSE if that is impossible. */
gboolean frame_substitute(Frame *frame, guint32 label, guint width, gboolean extended,
			  guint32 number);

/* Place number n: first the registers, then the cells. */
Content *frame_place(Frame *frame, guint n);
guint frame_place_count(const Frame *frame);

#endif /* XDPSHARK_FRAME_H */
