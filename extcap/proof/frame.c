// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"

#include <string.h>

void frame_begin(Frame *frame, gboolean is_main)
{
	*frame = (Frame){ 0 };
	for (guint i = 0; i < FRAME_REGISTERS; i++)
		frame->registers[i] = content_unknown(0);
	frame->registers[BPF_REG_10] =
		(Content){ .kind = CONTENT_FRAME, .origins = ORIGIN_FRAME, .bits = { 0, 0 } };
	if (is_main) {
		frame->registers[BPF_REG_1].origins = ORIGIN_CONTEXT;
		return;
	}
	for (guint i = 1; i <= FRAME_ARGUMENTS; i++) {
		frame->registers[i].label = FRAME_ARGUMENT_LABEL(i);
		frame->registers[i].width = 64;
		frame->registers[i].origins = ORIGIN_ARGUMENT;
	}
}

static gsize frame_size(const Frame *frame)
{
	return G_STRUCT_OFFSET(Frame, cells) + frame->cell_count * sizeof(Cell);
}

Frame *frame_copy(const Frame *frame)
{
	return g_memdup2(frame, frame_size(frame));
}

void frame_assign(Frame *frame, const Frame *from)
{
	memcpy(frame, from, frame_size(from));
}

guint frame_place_count(const Frame *frame)
{
	return FRAME_REGISTERS + frame->cell_count;
}

Content *frame_place(Frame *frame, guint n)
{
	return n < FRAME_REGISTERS ? &frame->registers[n]
				   : &frame->cells[n - FRAME_REGISTERS].value;
}

/* A helper may write from where a pointer leads, upwards. A function of the program, which a helper
 * may call, can write anywhere. */
static void forget_from(Frame *frame, gint32 lowest)
{
	for (guint i = frame->cell_count; i-- > 0;) {
		const Cell *cell = &frame->cells[i];

		if (cell->offset + (gint64)cell->size > lowest)
			frame->cells[i] = frame->cells[--frame->cell_count];
	}
}

/* r1 to r5 do not change: a program only reads them after a call if the kernel guarantees that the
 * call preserves them. */
void frame_call(Frame *frame, const struct bpf_insn *insn)
{
	gint32 lowest = G_MAXINT32;
	guint8 origins = 0;

	for (guint i = 1; i <= FRAME_ARGUMENTS; i++) {
		origins |= frame->registers[i].origins;
		lowest = MIN(lowest, content_lowest(&frame->registers[i]));
	}
	if (insn->src_reg == BPF_PSEUDO_CALL || (origins & ORIGIN_FUNCTION))
		lowest = lowest == G_MAXINT32 ? lowest : G_MININT32;
	forget_from(frame, lowest);
	frame->registers[BPF_REG_0] = content_unknown(ORIGIN_MEMORY);
	/* bpf_dynptr_slice_rdwr() returns a pointer into the packet or to a buffer of the
	 * program. */
	if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
		frame->registers[BPF_REG_0].origins |= ORIGIN_PACKET | (origins & ORIGIN_FRAME);
}

void frame_tail_call(Frame *frame)
{
	frame->registers[BPF_REG_0] = content_unknown(0);
}

/* The second operand of a jump. */
static Content operand(const Frame *frame, const struct bpf_insn *insn)
{
	if (BPF_SRC(insn->code) == BPF_X && insn->src_reg < FRAME_REGISTERS)
		return frame->registers[insn->src_reg];
	return content_constant((guint64)(gint64)insn->imm);
}

static gboolean is_wide(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP;
}

Jump frame_jump(const Frame *frame, const struct bpf_insn *insn)
{
	const Content a = frame->registers[insn->dst_reg], b = operand(frame, insn);

	if (a.kind != CONTENT_NUMBER || b.kind != CONTENT_NUMBER)
		return JUMP_MAYBE;
	return known_bits_jump(BPF_OP(insn->code), is_wide(insn), a.bits, b.bits);
}

/* What we learn of a jump's first operand when it is taken or not, if the second is a constant.
 * FALSE: nothing. */
static gboolean what_is_learnt(guint8 op, gboolean taken, guint64 constant, KnownBits *ret_bits)
{
	static const struct {
		guint8 op;
		gboolean taken;
		guint less; /* to subtract from the constant, for the limit */
	} limits[] = {
		{ BPF_JGT, FALSE, 0 },
		{ BPF_JLE, TRUE, 0 },
		{ BPF_JGE, FALSE, 1 },
		{ BPF_JLT, TRUE, 1 },
	};

	if ((op == BPF_JEQ && taken) || (op == BPF_JNE && !taken)) {
		*ret_bits = known_bits_constant(constant);
		return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
		if (op != limits[i].op || taken != limits[i].taken || constant < limits[i].less)
			continue;
		*ret_bits = known_bits_up_to(constant - limits[i].less);
		return TRUE;
	}
	return FALSE;
}

static gboolean learn_value(Content *value, KnownBits bits)
{
	return value->kind != CONTENT_NUMBER || known_bits_both(value->bits, bits, &value->bits);
}

/* Only the low half. */
static KnownBits low_half(KnownBits bits)
{
	return (KnownBits){ bits.value & KNOWN_BITS_LOW32, bits.unknown | ~KNOWN_BITS_LOW32 };
}

gboolean frame_learn(Frame *frame, const struct bpf_insn *insn, gboolean taken)
{
	Content *learner = &frame->registers[insn->dst_reg];
	const Content b = operand(frame, insn), a = *learner;
	guint64 constant = b.bits.value;
	KnownBits bits;

	if (!content_is_constant(&b) || a.kind != CONTENT_NUMBER)
		return TRUE;
	if (!is_wide(insn))
		constant &= KNOWN_BITS_LOW32;
	if (!what_is_learnt(BPF_OP(insn->code), taken, constant, &bits))
		return TRUE;
	if (!is_wide(insn))
		bits = low_half(bits);
	if (!learn_value(learner, bits))
		return FALSE;
	if (!content_shares_low(&a))
		return TRUE;
	for (guint i = 0; i < frame_place_count(frame); i++) {
		Content *place = frame_place(frame, i);
		gboolean all = a.width == 64 && place->width == 64;

		if (place != learner && place->label == a.label && content_shares_low(place) &&
		    !learn_value(place, all ? bits : low_half(bits)))
			return FALSE;
	}
	return TRUE;
}

static gboolean label_is_extended(Frame *frame, guint32 label)
{
	for (guint i = 0; i < frame_place_count(frame); i++) {
		const Content *place = frame_place(frame, i);

		if (place->label == label && place->width == 64 && place->shift == 0 &&
		    content_is_extended(place))
			return TRUE;
	}
	return FALSE;
}

/* What is known of a place that shares bits with a number whose low `width` bits are known. */
static KnownBits shared_bits(const Content *place, guint width, gboolean extended, guint32 number)
{
	const guint shared = MIN(place->width, width);
	const guint64 mask = known_bits_lowest(shared);
	const guint low = content_low_width(place);

	if (place->width == 64 ? extended || content_is_extended(place)
			       : content_is_extended(place))
		if (place->shift == 0 && low <= width && (number >> (low - 1) & 1) == 0)
			return known_bits_constant(number & known_bits_lowest(low));
	return (KnownBits){ (number & mask) << place->shift, ~(mask << place->shift) };
}

gboolean frame_substitute(Frame *frame, guint32 label, guint width, gboolean extended,
			  guint32 number)
{
	extended = extended || label_is_extended(frame, label);
	for (guint i = 0; i < frame_place_count(frame); i++) {
		Content *place = frame_place(frame, i);

		if (place->label == label &&
		    !learn_value(place, shared_bits(place, width, extended, number)))
			return FALSE;
	}
	return TRUE;
}

static const Cell *find_cell(const Frame *frame, gint32 offset, guint32 size)
{
	for (guint i = 0; i < frame->cell_count; i++)
		if (frame->cells[i].offset == offset && frame->cells[i].size == size)
			return &frame->cells[i];
	return NULL;
}

gboolean frame_covers(const Frame *frame, const Frame *other)
{
	for (guint i = 0; i < FRAME_REGISTERS; i++)
		if (!content_covers(&frame->registers[i], &other->registers[i]))
			return FALSE;
	for (guint i = 0; i < frame->cell_count; i++) {
		const Cell *cell = &frame->cells[i];
		const Cell *same = find_cell(other, cell->offset, cell->size);

		if (!same || !content_covers(&cell->value, &same->value))
			return FALSE;
	}
	return TRUE;
}
