// SPDX-License-Identifier: GPL-2.0-or-later
#include "known_bits.h"

#include <linux/bpf.h>

#define SIGN64 ((guint64)1 << 63)
#define SIGN32 ((guint64)1 << 31)

KnownBits known_bits_constant(guint64 value)
{
	return (KnownBits){ value, 0 };
}

gboolean known_bits_is_constant(KnownBits bits)
{
	return bits.unknown == 0;
}

guint64 known_bits_lowest(guint width)
{
	return width < 64 ? ((guint64)1 << width) - 1 : G_MAXUINT64;
}

guint64 known_bits_possible(KnownBits bits)
{
	return bits.value | bits.unknown;
}

static KnownBits make(guint64 value, guint64 unknown)
{
	return (KnownBits){ value & ~unknown, unknown };
}

KnownBits known_bits_masked(KnownBits bits, guint64 mask)
{
	return (KnownBits){ bits.value & mask, bits.unknown & mask };
}

KnownBits known_bits_extended(KnownBits bits, guint size)
{
	guint shift = 64 - 8 * size;

	/* If the sign is unknown, so are all bits that it is copied to. */
	return make((guint64)((gint64)(bits.value << shift) >> shift),
		    (guint64)((gint64)(bits.unknown << shift) >> shift));
}

KnownBits known_bits_either(KnownBits a, KnownBits b)
{
	return make(a.value, a.unknown | b.unknown | (a.value ^ b.value));
}

gboolean known_bits_both(KnownBits a, KnownBits b, KnownBits *ret_bits)
{
	if ((a.value ^ b.value) & ~a.unknown & ~b.unknown)
		return FALSE;
	*ret_bits = (KnownBits){ a.value | b.value, a.unknown & b.unknown };
	return TRUE;
}

KnownBits known_bits_up_to(guint64 limit)
{
	guint64 unknown = limit;

	for (guint shift = 1; shift < 64; shift *= 2)
		unknown |= unknown >> shift;
	return (KnownBits){ 0, unknown };
}

gboolean known_bits_within(KnownBits a, KnownBits b)
{
	return (a.unknown & ~b.unknown) == 0 && ((a.value ^ b.value) & ~b.unknown) == 0;
}

/* The lowest sum has all unknown bits 0, the highest all 1. Where the two agree, no carry can make
 * a difference. */
static KnownBits add(KnownBits a, KnownBits b)
{
	guint64 lowest = a.value + b.value;
	guint64 highest = known_bits_possible(a) + known_bits_possible(b);

	return make(lowest, (lowest ^ highest) | a.unknown | b.unknown);
}

static KnownBits subtract(KnownBits a, KnownBits b)
{
	guint64 lowest = a.value - known_bits_possible(b);
	guint64 highest = known_bits_possible(a) - b.value;

	return make(a.value - b.value, (lowest ^ highest) | a.unknown | b.unknown);
}

static KnownBits conjoin(KnownBits a, KnownBits b)
{
	guint64 possible = known_bits_possible(a) & known_bits_possible(b);

	return make(possible, possible & ~(a.value & b.value));
}

static KnownBits disjoin(KnownBits a, KnownBits b)
{
	guint64 certain = a.value | b.value;

	return make(certain, (a.unknown | b.unknown) & ~certain);
}

static KnownBits shift(guint8 op, gboolean wide, KnownBits a, guint by)
{
	switch (op) {
	case BPF_LSH:
		return (KnownBits){ a.value << by, a.unknown << by };
	case BPF_RSH:
		return (KnownBits){ a.value >> by, a.unknown >> by };
	default:
		if (!wide)
			a = known_bits_extended(a, 4);
		return make((guint64)((gint64)a.value >> by), (guint64)((gint64)a.unknown >> by));
	}
}

/* BPF's own rules: a division by 0 is 0, a remainder by 0 the dividend. */
static guint64 divide(guint8 op, guint64 a, guint64 b)
{
	if (b == 0)
		return op == BPF_DIV ? 0 : a;
	return op == BPF_DIV ? a / b : a % b;
}

static guint64 divide_signed(guint8 op, gboolean wide, guint64 a, guint64 b)
{
	gint64 dividend = wide ? (gint64)a : (gint32)a;
	gint64 divisor = wide ? (gint64)b : (gint32)b;

	if (divisor == 0)
		return op == BPF_DIV ? 0 : a;
	if (divisor == -1) /* includes the division that overflows */
		return op == BPF_DIV ? 0 - a : 0;
	return (guint64)(op == BPF_DIV ? dividend / divisor : dividend % divisor);
}

static KnownBits alu(guint8 op, gboolean wide, gboolean is_signed, KnownBits a, KnownBits b)
{
	const gboolean constant = known_bits_is_constant(a) && known_bits_is_constant(b);

	switch (op) {
	case BPF_ADD:
		return add(a, b);
	case BPF_SUB:
		return subtract(a, b);
	case BPF_NEG:
		return subtract(known_bits_constant(0), a);
	case BPF_AND:
		return conjoin(a, b);
	case BPF_OR:
		return disjoin(a, b);
	case BPF_XOR:
		return make(a.value ^ b.value, a.unknown | b.unknown);
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		return known_bits_is_constant(b) ? shift(op, wide, a, b.value & (wide ? 63 : 31))
						 : KNOWN_BITS_NOTHING;
	case BPF_MUL:
		return constant ? known_bits_constant(a.value * b.value) : KNOWN_BITS_NOTHING;
	case BPF_DIV:
	case BPF_MOD:
		if (!constant)
			return KNOWN_BITS_NOTHING;
		return known_bits_constant(is_signed ? divide_signed(op, wide, a.value, b.value)
						     : divide(op, a.value, b.value));
	default:
		return KNOWN_BITS_NOTHING;
	}
}

KnownBits known_bits_alu(guint8 op, gboolean wide, gboolean is_signed, KnownBits a, KnownBits b)
{
	if (wide)
		return alu(op, TRUE, is_signed, a, b);
	a = known_bits_masked(a, KNOWN_BITS_LOW32);
	b = known_bits_masked(b, KNOWN_BITS_LOW32);
	return known_bits_masked(alu(op, FALSE, is_signed, a, b), KNOWN_BITS_LOW32);
}

static Jump decide(gboolean always, gboolean never)
{
	return always ? JUMP_ALWAYS : never ? JUMP_NEVER : JUMP_MAYBE;
}

static Jump invert(Jump jump)
{
	return jump == JUMP_MAYBE ? JUMP_MAYBE : jump == JUMP_ALWAYS ? JUMP_NEVER : JUMP_ALWAYS;
}

static Jump is_equal(KnownBits a, KnownBits b)
{
	KnownBits both;

	return decide(known_bits_is_constant(a) && known_bits_is_constant(b) && a.value == b.value,
		      !known_bits_both(a, b, &both));
}

static Jump is_above(KnownBits a, KnownBits b)
{
	return decide(a.value > known_bits_possible(b), known_bits_possible(a) <= b.value);
}

/* Makes an unsigned comparison give the result of the signed one. */
static KnownBits without_sign(KnownBits bits, guint64 sign)
{
	return make(bits.value ^ sign, bits.unknown);
}

static Jump shares_bits(KnownBits a, KnownBits b)
{
	return decide((a.value & b.value) != 0,
		      (known_bits_possible(a) & known_bits_possible(b)) == 0);
}

Jump known_bits_jump(guint8 op, gboolean wide, KnownBits a, KnownBits b)
{
	const guint64 sign = wide ? SIGN64 : SIGN32;
	KnownBits sa, sb;

	if (!wide) {
		a = known_bits_masked(a, KNOWN_BITS_LOW32);
		b = known_bits_masked(b, KNOWN_BITS_LOW32);
	}
	sa = without_sign(a, sign);
	sb = without_sign(b, sign);
	switch (op) {
	case BPF_JEQ:
		return is_equal(a, b);
	case BPF_JNE:
		return invert(is_equal(a, b));
	case BPF_JGT:
		return is_above(a, b);
	case BPF_JLE:
		return invert(is_above(a, b));
	case BPF_JLT:
		return is_above(b, a);
	case BPF_JGE:
		return invert(is_above(b, a));
	case BPF_JSGT:
		return is_above(sa, sb);
	case BPF_JSLE:
		return invert(is_above(sa, sb));
	case BPF_JSLT:
		return is_above(sb, sa);
	case BPF_JSGE:
		return invert(is_above(sb, sa));
	case BPF_JSET:
		return shares_bits(a, b);
	default:
		return JUMP_MAYBE;
	}
}
