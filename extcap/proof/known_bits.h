/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a 64-bit number, bit by bit, and how BPF's instructions change it.
 */
#ifndef XDPSHARK_KNOWN_BITS_H
#define XDPSHARK_KNOWN_BITS_H

#include <glib.h>

/* The bits of value that are not in unknown; the others are 0 in value. */
typedef struct {
	guint64 value;
	guint64 unknown;
} KnownBits;

#define KNOWN_BITS_NOTHING ((KnownBits){ 0, G_MAXUINT64 })
#define KNOWN_BITS_LOW32   ((guint64)G_MAXUINT32)

KnownBits known_bits_constant(guint64 value);
gboolean known_bits_is_constant(KnownBits bits);

/* The lowest bits, so many (64 at most). */
guint64 known_bits_lowest(guint width);

/* All bits that may be 1. */
guint64 known_bits_possible(KnownBits bits);

/* The number without the bits outside of mask. */
KnownBits known_bits_masked(KnownBits bits, guint64 mask);

/* The number of size bytes (1, 2, 4) as a signed one. */
KnownBits known_bits_extended(KnownBits bits, guint size);

/* What is known of a number that is one of the two. */
KnownBits known_bits_either(KnownBits a, KnownBits b);

/* What is known of a number of which both is true; FALSE if that cannot be. */
gboolean known_bits_both(KnownBits a, KnownBits b, KnownBits *ret_bits);

/* What is known of a number that is limit at most. */
KnownBits known_bits_up_to(guint64 limit);

/* Whether everything that a allows, b allows. */
gboolean known_bits_within(KnownBits a, KnownBits b);

/* The result of an instruction of class BPF_ALU64 (wide) or BPF_ALU on a and b; op: BPF_ADD and so
 * on, without BPF_MOV and BPF_END. is_signed: of BPF_DIV and BPF_MOD. */
KnownBits known_bits_alu(guint8 op, gboolean wide, gboolean is_signed, KnownBits a, KnownBits b);

/* Whether a conditional jump (op: BPF_JEQ and so on) is taken. */
typedef enum { JUMP_NEVER, JUMP_ALWAYS, JUMP_MAYBE } Jump;
Jump known_bits_jump(guint8 op, gboolean wide, KnownBits a, KnownBits b);

#endif /* XDPSHARK_KNOWN_BITS_H */
