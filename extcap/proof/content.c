// SPDX-License-Identifier: GPL-2.0-or-later
#include "content.h"

#include <linux/bpf.h>

#define LOW_WIDTH 32

Content content_unknown(guint8 origins)
{
	return (Content){ .bits = KNOWN_BITS_NOTHING, .origins = origins, .lowest = G_MININT32 };
}

Content content_constant(guint64 number)
{
	return (Content){ .bits = known_bits_constant(number) };
}

Content content_map(guint32 id)
{
	return (Content){ .bits = known_bits_constant(id),
			  .kind = CONTENT_MAP,
			  .origins = ORIGIN_MEMORY };
}

gboolean content_is_constant(const Content *value)
{
	return value->kind == CONTENT_NUMBER && known_bits_is_constant(value->bits);
}

gint32 content_lowest(const Content *value)
{
	const gint64 offset = (gint64)value->bits.value;

	if ((value->origins & ORIGIN_FRAME) == 0)
		return G_MAXINT32;
	if (value->kind != CONTENT_FRAME || !known_bits_is_constant(value->bits))
		return value->lowest;
	return (gint32)CLAMP(offset, G_MININT32, G_MAXINT32 - 1);
}

gboolean content_shares_low(const Content *value)
{
	return value->label != 0 && value->shift == 0 && value->width >= LOW_WIDTH;
}

guint content_low_width(const Content *value)
{
	return value->label != 0 ? MIN(value->width, LOW_WIDTH) : LOW_WIDTH;
}

static gboolean is_zero_from(const Content *value, guint bit)
{
	return value->kind == CONTENT_NUMBER &&
	       (known_bits_possible(value->bits) & ~known_bits_lowest(bit)) == 0;
}

gboolean content_is_extended(const Content *value)
{
	return value->extended || is_zero_from(value, content_low_width(value)) ||
	       (content_is_constant(value) &&
		value->bits.value == (guint64)(gint64)(gint32)value->bits.value);
}

/* At most this many bits are still those of the labelled number. */
static void narrow(Content *value, guint width)
{
	if (value->shift != 0)
		value->label = 0;
	value->width = MIN(value->width, width);
}

Content content_truncated(Content value, guint size)
{
	const guint width = 8 * size;

	if (size == 8)
		return value;
	if (value.kind != CONTENT_NUMBER)
		value = content_unknown(value.origins);
	if (known_bits_possible(value.bits) & ~known_bits_lowest(width))
		narrow(&value, width);
	value.bits = known_bits_masked(value.bits, known_bits_lowest(width));
	value.extended = value.extended || value.label == 0 || value.width >= width;
	return value;
}

Content content_sign_extended(Content value, guint size)
{
	const guint width = 8 * size;

	if (size == 8)
		return value;
	value = content_truncated(value, size);
	if (is_zero_from(&value, width - 1))
		return value;
	narrow(&value, width);
	value.bits = known_bits_extended(value.bits, size);
	return value;
}

/* True if the instruction does not change these bits of a. mask: all, or the low 32. */
static gboolean keeps_bits(guint8 op, const Content *a, const Content *b, guint64 mask)
{
	const guint64 possible = known_bits_possible(b->bits);

	switch (op) {
	case BPF_AND:
		return (known_bits_possible(a->bits) & ~b->bits.value & mask) == 0;
	case BPF_OR:
	case BPF_XOR:
	case BPF_ADD: /* a carry could only come from bits that are also in the mask */
	case BPF_SUB:
		return (possible & mask) == 0;
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		return possible == 0;
	case BPF_MUL:
	case BPF_DIV:
		return content_is_constant(b) && b->bits.value == 1;
	default:
		return FALSE;
	}
}

/* Numbers can also be extended by shifting left and back. FALSE if this is not such a shift. */
static gboolean shift_shared(guint8 op, gboolean wide, Content *result, const Content *a,
			     const Content *b)
{
	const guint size = wide ? 64 : 32;
	const guint by = (guint)(b->bits.value & (size - 1));

	if (!content_is_constant(b) || a->label == 0)
		return FALSE;
	if (op == BPF_LSH && a->shift == 0) {
		result->width = MIN(a->width, size - by);
		result->shift = (guint8)by;
		result->extended = FALSE;
		return TRUE;
	}
	if ((op == BPF_RSH || op == BPF_ARSH) && a->shift == by && a->width <= size - by) {
		result->shift = 0;
		result->extended = a->width == size - by && a->width <= LOW_WIDTH;
		return TRUE;
	}
	return FALSE;
}

/* Or by masks. */
static gboolean mask_shared(guint8 op, Content *result, const Content *a, const Content *b)
{
	const guint64 mask = b->bits.value;
	const guint width = (guint)g_bit_storage(mask);

	if (op != BPF_AND || !content_is_constant(b) || mask == 0 ||
	    mask != known_bits_lowest(width) || width > LOW_WIDTH || a->label == 0 || a->shift != 0)
		return FALSE;
	result->width = MIN(a->width, width);
	result->extended = a->width >= width || a->extended;
	return TRUE;
}

/* Sets what the result still shares of what a shares. */
static void label_result(guint8 op, gboolean wide, Content *result, const Content *a,
			 const Content *b)
{
	result->label = a->label;
	result->width = a->width;
	result->shift = a->shift;
	result->extended = a->extended;
	if (keeps_bits(op, a, b, wide ? G_MAXUINT64 : known_bits_lowest(LOW_WIDTH)) &&
	    (wide || is_zero_from(a, LOW_WIDTH)))
		return;
	if (keeps_bits(op, a, b, known_bits_lowest(LOW_WIDTH))) {
		narrow(result, LOW_WIDTH);
		result->extended = !wide && (a->extended || a->label == 0 || a->width >= LOW_WIDTH);
		return;
	}
	if (shift_shared(op, wide, result, a, b) || mask_shared(op, result, a, b))
		return;
	result->label = 0;
	result->extended = !wide;
}

static Content alu_numbers(guint8 op, gboolean wide, gboolean is_signed, const Content *a,
			   const Content *b)
{
	Content result = content_unknown(0);

	result.bits = known_bits_alu(op, wide, is_signed, a->bits, b->bits);
	label_result(op, wide, &result, a, b);
	return result;
}

/* True if a pointer into the frame moves to another place in it. */
static gboolean moves_in_frame(guint8 op, gboolean wide, const Content *a, const Content *b)
{
	if (!wide || a->kind == b->kind || a->kind == CONTENT_MAP || b->kind == CONTENT_MAP)
		return FALSE;
	return op == BPF_ADD || (op == BPF_SUB && a->kind == CONTENT_FRAME);
}

Content content_alu(guint8 op, gboolean wide, gboolean is_signed, Content a, Content b)
{
	Content result = content_unknown(0);

	if (a.kind == CONTENT_NUMBER && b.kind == CONTENT_NUMBER)
		result = alu_numbers(op, wide, is_signed, &a, &b);
	if (moves_in_frame(op, wide, &a, &b)) {
		result.bits = known_bits_alu(op, TRUE, FALSE, a.bits, b.bits);
		result.kind = CONTENT_FRAME;
	}
	result.origins = a.origins | b.origins;
	return result;
}

/* True if extended from 32 bits, and not from fewer. */
static gboolean extends_low(const Content *value)
{
	return content_low_width(value) == LOW_WIDTH ? content_is_extended(value)
						     : is_zero_from(value, LOW_WIDTH);
}

Content content_either(const Content *a, const Content *b)
{
	Content either = content_unknown(a->origins | b->origins);

	either.lowest = MIN(content_lowest(a), content_lowest(b));
	if (a->kind != b->kind)
		return either;
	if (a->kind == CONTENT_MAP && a->bits.value != b->bits.value)
		return either;
	either.kind = a->kind;
	either.bits = known_bits_either(a->bits, b->bits);
	either.extended = extends_low(a) && extends_low(b);
	return either;
}

gboolean content_covers(const Content *a, const Content *b)
{
	const gboolean anything = a->kind == CONTENT_NUMBER && a->bits.unknown == G_MAXUINT64;

	if ((b->origins & ~a->origins) != 0 || content_lowest(a) > content_lowest(b))
		return FALSE;
	if (anything)
		return !a->extended || b->extended;
	return a->kind == b->kind && known_bits_within(b->bits, a->bits) &&
	       (!a->extended || content_is_extended(b));
}
