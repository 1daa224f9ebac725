// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an instruction does to a frame. Instructions are as the kernel returns them: rewritten by
 * its verifier.
 */
#include "frame.h"

/* Modes of loads and stores that may be missing in libc's headers. */
#ifndef BPF_MEMSX
#define BPF_MEMSX 0x80
#endif
#define MODE_ATOMIC	  0xc0 /* of BPF_STX */
#define MODE_NOSPEC	  0xc0 /* of BPF_ST: a barrier */
#define MODE_PROBE_MEMSX  0x40
#define MODE_PROBE_ATOMIC 0xe0

/* Operations of BPF_ATOMIC. */
#ifndef BPF_LOAD_ACQ
#define BPF_LOAD_ACQ  0x100
#define BPF_STORE_REL 0x110
#endif

#define LABEL_OF(AT) ((AT) + 16)

static guint insn_size(const struct bpf_insn *insn)
{
	static const guint8 sizes[] = {
		[BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 8
	};

	return sizes[BPF_SIZE(insn->code) >> 3];
}

/* Forgets a label from an earlier round of a loop: it belongs to another number. */
static void retire_label(Frame *frame, guint32 label)
{
	for (guint i = 0; i < frame_place_count(frame); i++) {
		Content *place = frame_place(frame, i);

		if (place->label == label)
			place->label = 0;
	}
}

/* Before a copy: labels a value that has no label and is not known. */
static void label_value(Frame *frame, Content *value, guint32 at)
{
	if (value->label != 0 || value->kind != CONTENT_NUMBER || content_is_constant(value))
		return;
	retire_label(frame, LABEL_OF(at));
	value->label = LABEL_OF(at);
	value->width = 64;
	value->shift = 0;
}

static Content operand(Frame *frame, const struct bpf_insn *insn)
{
	return BPF_SRC(insn->code) == BPF_X ? frame->registers[insn->src_reg]
					    : content_constant((guint64)(gint64)insn->imm);
}

static void step_move(Frame *frame, const struct bpf_insn *insn, guint32 at)
{
	const gboolean wide = BPF_CLASS(insn->code) == BPF_ALU64;
	Content value;

	if (BPF_SRC(insn->code) == BPF_X)
		label_value(frame, &frame->registers[insn->src_reg], at);
	value = operand(frame, insn);
	if (insn->off == 8 || insn->off == 16 || insn->off == 32)
		value = content_sign_extended(value, (guint)insn->off / 8);
	else if (insn->off != 0) /* an address of per-CPU memory or of an arena */
		value = content_unknown(value.origins | ORIGIN_MEMORY);
	frame->registers[insn->dst_reg] = wide ? value : content_truncated(value, 4);
}

/* Byte swaps, which nobody applies to an index. */
static void step_swap(Frame *frame, const struct bpf_insn *insn)
{
	frame->registers[insn->dst_reg] = content_unknown(frame->registers[insn->dst_reg].origins);
}

static void step_alu(Frame *frame, const struct bpf_insn *insn, guint32 at)
{
	const guint8 op = BPF_OP(insn->code);
	const gboolean wide = BPF_CLASS(insn->code) == BPF_ALU64;

	if (op == BPF_MOV)
		step_move(frame, insn, at);
	else if (op == BPF_END)
		step_swap(frame, insn);
	else
		frame->registers[insn->dst_reg] =
			content_alu(op, wide, insn->off == 1, frame->registers[insn->dst_reg],
				    operand(frame, insn));
}

/* A 64-bit constant, or what the kernel has put there for a map or a function. */
static void step_constant(Frame *frame, const struct bpf_insn *insn)
{
	Content *value = &frame->registers[insn->dst_reg];

	switch (insn->src_reg) {
	case 0:
		*value = content_constant((guint64)(guint32)insn[0].imm |
					  (guint64)(guint32)insn[1].imm << 32);
		break;
	case BPF_PSEUDO_MAP_FD:
		*value = content_map((guint32)insn->imm);
		break;
	case BPF_PSEUDO_FUNC:
		*value = content_unknown(ORIGIN_FUNCTION);
		break;
	default:
		*value = content_unknown(ORIGIN_MEMORY);
		break;
	}
}

static void forget_overlap(Frame *frame, gint64 offset, guint size)
{
	for (guint i = frame->cell_count; i-- > 0;) {
		const Cell *cell = &frame->cells[i];

		if (cell->offset + (gint64)cell->size <= offset || cell->offset >= offset + size)
			continue;
		frame->cells[i] = frame->cells[--frame->cell_count];
	}
}

static Cell *add_cell(Frame *frame, gint64 offset, guint size, Content value)
{
	static const gint64 limit = 1 << 20; /* far beyond any stack */
	guint place = frame->cell_count;

	if (offset < -limit || offset > limit)
		return NULL;
	if (place == FRAME_CELLS)
		place = (guint)(offset & G_MAXINT32) / 4 % FRAME_CELLS;
	else
		frame->cell_count++;
	frame->cells[place] = (Cell){ (gint32)offset, size, value };
	return &frame->cells[place];
}

/* The offset of a load or store in the frame; FALSE if it is unknown, or not in the frame. */
static gboolean frame_offset(const Content *base, const struct bpf_insn *insn, gint64 *ret_offset)
{
	if (base->kind != CONTENT_FRAME || !known_bits_is_constant(base->bits))
		return FALSE;
	*ret_offset = (gint64)base->bits.value + insn->off;
	return TRUE;
}

static Cell *find_cell(Frame *frame, gint64 offset, guint size)
{
	for (guint i = 0; i < frame->cell_count; i++) {
		Cell *cell = &frame->cells[i];

		if (cell->offset == offset && cell->size == size)
			return cell;
	}
	return NULL;
}

/* The low part of a larger piece. */
static const Cell *find_around(const Frame *frame, gint64 offset, guint size)
{
	for (guint i = 0; i < frame->cell_count; i++) {
		const Cell *cell = &frame->cells[i];
		gint64 low = G_BYTE_ORDER == G_LITTLE_ENDIAN
				     ? cell->offset
				     : cell->offset + (gint64)cell->size - size;

		if (cell->size > size && low == offset)
			return cell;
	}
	return NULL;
}

/* Loads of the same place give the same value until it is written. */
static Content load_from_frame(Frame *frame, gint64 offset, guint size, guint32 at)
{
	Cell *cell = find_cell(frame, offset, size);
	const Cell *around;
	Content value;

	if (!cell) {
		around = find_around(frame, offset, size);
		/* A piece that was never written or read may hold a pointer. */
		value = around ? around->value
			       : content_unknown(ORIGIN_FRAME | ORIGIN_CONTEXT | ORIGIN_PACKET |
						 ORIGIN_MEMORY | ORIGIN_ARGUMENT);
		value = content_truncated(value, size);
		if (size < 8)
			value.origins = 0;
		cell = add_cell(frame, offset, size, value);
		if (!cell)
			return value;
	}
	label_value(frame, &cell->value, at);
	return cell->value;
}

static Content load_from_elsewhere(const Content *base, guint size)
{
	guint8 origins = ORIGIN_MEMORY;

	if (size < 8)
		return content_truncated(content_unknown(0), size);
	if (base->origins & (ORIGIN_CONTEXT | ORIGIN_ARGUMENT))
		origins |= ORIGIN_PACKET;
	if (base->origins & ORIGIN_FRAME)
		origins |= ORIGIN_FRAME | ORIGIN_CONTEXT | ORIGIN_PACKET | ORIGIN_ARGUMENT;
	return content_unknown(origins);
}

static void step_load(Frame *frame, const struct bpf_insn *insn, guint32 at)
{
	const guint8 mode = BPF_MODE(insn->code);
	const guint size = insn_size(insn);
	const Content base = frame->registers[insn->src_reg];
	gint64 offset;
	Content value;

	if (frame_offset(&base, insn, &offset))
		value = load_from_frame(frame, offset, size, at);
	else
		value = load_from_elsewhere(&base, size);
	if (mode == BPF_MEMSX || mode == MODE_PROBE_MEMSX)
		value = content_sign_extended(value, size);
	else if (mode != BPF_MEM && size < 8) /* one that we do not know */
		value = content_unknown(0);
	frame->registers[insn->dst_reg] = value;
}

/* Atomic instructions may also load. */
static void step_atomic(Frame *frame, const struct bpf_insn *insn)
{
	if (insn->imm == BPF_LOAD_ACQ)
		frame->registers[insn->dst_reg] =
			load_from_elsewhere(&frame->registers[insn->src_reg], insn_size(insn));
	else if (insn->imm == BPF_CMPXCHG)
		frame->registers[BPF_REG_0] = content_unknown(ORIGIN_MEMORY);
	else if (insn->imm & BPF_FETCH)
		frame->registers[insn->src_reg] = content_unknown(ORIGIN_MEMORY);
}

static gboolean is_atomic(const struct bpf_insn *insn)
{
	const guint8 mode = BPF_MODE(insn->code);

	return BPF_CLASS(insn->code) == BPF_STX &&
	       (mode == MODE_ATOMIC || mode == MODE_PROBE_ATOMIC);
}

gboolean frame_is_store(const struct bpf_insn *insn)
{
	if (BPF_CLASS(insn->code) == BPF_ST)
		return BPF_MODE(insn->code) != MODE_NOSPEC;
	return !is_atomic(insn) || insn->imm != BPF_LOAD_ACQ;
}

static void step_store(Frame *frame, const struct bpf_insn *insn, guint32 at)
{
	const gboolean from_register = BPF_CLASS(insn->code) == BPF_STX;
	const gboolean atomic = is_atomic(insn);
	const Content base = frame->registers[insn->dst_reg];
	const guint size = insn_size(insn);
	Content value;
	gint64 offset;

	if (from_register)
		label_value(frame, &frame->registers[insn->src_reg], at);
	value = from_register ? frame->registers[insn->src_reg]
			      : content_constant((guint64)(gint64)insn->imm);
	if (atomic)
		step_atomic(frame, insn);
	if (!frame_is_store(insn))
		return;
	if (frame_offset(&base, insn, &offset)) {
		forget_overlap(frame, offset, size);
		if (!atomic)
			add_cell(frame, offset, size, content_truncated(value, size));
	} else if (base.origins & ORIGIN_FRAME) {
		frame->cell_count = 0;
	}
}

void frame_step(Frame *frame, const struct bpf_insn *insn, guint32 at)
{
	if (insn->dst_reg >= FRAME_REGISTERS || insn->src_reg >= FRAME_REGISTERS)
		return; /* no kernel emits these, and proof.c rejects them */
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		step_alu(frame, insn, at);
		break;
	case BPF_LD:
		step_constant(frame, insn);
		break;
	case BPF_LDX:
		step_load(frame, insn, at);
		break;
	case BPF_ST:
	case BPF_STX:
		step_store(frame, insn, at);
		break;
	}
}
