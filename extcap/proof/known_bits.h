/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a 64-bit number, bit by bit, and how BPF's instructions change it.
 */
#ifndef XDPSHARK_KNOWN_BITS_H
#define XDPSHARK_KNOWN_BITS_H

#include <glib.h>

/* value has the bits that are known; bits set in unknown are 0 in value. */
typedef struct {
	guint64 value;
	guint64 unknown;
} KnownBits;

#define KNOWN_BITS_NOTHING ((KnownBits){ 0, G_MAXUINT64 })
#define KNOWN_BITS_LOW32   ((guint64)G_MAXUINT32)

KnownBits known_bits_constant(guint64 value);
gboolean known_bits_is_constant(KnownBits bits);

/* A mask of the width lowest bits (at most 64). */
guint64 known_bits_lowest(guint width);

/* All bits that may be 1. */
guint64 known_bits_possible(KnownBits bits);

/* The number with the bits outside of mask cleared. */
KnownBits known_bits_masked(KnownBits bits, guint64 mask);

/* The number of size bytes (1, 2, 4), sign-extended. */
KnownBits known_bits_extended(KnownBits bits, guint size);

/* What is known of a number that is either of the two. */
KnownBits known_bits_either(KnownBits a, KnownBits b);

/* What is known of a number for which both are true; FALSE if there is none. */
gboolean known_bits_both(KnownBits a, KnownBits b, KnownBits *ret_bits);

/* What is known of a number that is at most limit. */
KnownBits known_bits_up_to(guint64 limit);

/* True if b allows everything that a allows. */
gboolean known_bits_within(KnownBits a, KnownBits b);

/* The result of an instruction of class BPF_ALU64 (wide) or BPF_ALU on a and b; op: BPF_ADD and so
 * on, without BPF_MOV and BPF_END. is_signed: for BPF_DIV and BPF_MOD. */
KnownBits known_bits_alu(guint8 op, gboolean wide, gboolean is_signed, KnownBits a, KnownBits b);

/* Whether a conditional jump (op: BPF_JEQ and so on) is taken. */
typedef enum { JUMP_NEVER, JUMP_ALWAYS, JUMP_MAYBE } Jump;
Jump known_bits_jump(guint8 op, gboolean wide, KnownBits a, KnownBits b);

#endif /* XDPSHARK_KNOWN_BITS_H */
