// SPDX-License-Identifier: GPL-2.0-or-later
#include "disassembly.h"

#include <linux/bpf.h>

/* Indexed by BPF_OP() >> 4. */
static const char *const alu_operators[16] = {
	"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", NULL, "%=", "^=", "=", "s>>=",
};
static const char *const jump_operators[16] = {
	NULL, "==", ">", ">=", "&", "!=", "s>", "s>=", NULL, NULL, "<", "<=", "s<", "s<=",
};
/* Indexed by BPF_SIZE() >> 3. */
static const char *const sizes[4] = { "u32", "u16", "u8", "u64" };

static char *format_operand(const struct bpf_insn *insn, char prefix)
{
	return BPF_SRC(insn->code) == BPF_X ? g_strdup_printf("%c%u", prefix, insn->src_reg)
					    : g_strdup_printf("%d", insn->imm);
}

static char *format_alu(const struct bpf_insn *insn)
{
	char prefix = BPF_CLASS(insn->code) == BPF_ALU64 ? 'r' : 'w';
	const char *operation = alu_operators[BPF_OP(insn->code) >> 4];
	g_autofree char *operand = format_operand(insn, prefix);

	if (BPF_OP(insn->code) == BPF_END)
		return g_strdup_printf("r%u = %s%d r%u", insn->dst_reg,
				       BPF_SRC(insn->code) == BPF_TO_BE ? "be" : "le", insn->imm,
				       insn->dst_reg);
	if (BPF_OP(insn->code) == BPF_NEG)
		return g_strdup_printf("%c%u = -%c%u", prefix, insn->dst_reg, prefix,
				       insn->dst_reg);
	return g_strdup_printf("%c%u %s %s", prefix, insn->dst_reg, operation ? operation : "?",
			       operand);
}

static char *format_jump(const struct bpf_insn *insn)
{
	char prefix = BPF_CLASS(insn->code) == BPF_JMP ? 'r' : 'w';
	const char *operation = jump_operators[BPF_OP(insn->code) >> 4];
	g_autofree char *operand = format_operand(insn, prefix);

	switch (BPF_OP(insn->code)) {
	case BPF_EXIT:
		return g_strdup("exit");
	case BPF_CALL:
		return g_strdup_printf(insn->src_reg == BPF_PSEUDO_CALL ? "call pc%+d" : "call %d",
				       insn->imm);
	case BPF_JA:
		return g_strdup_printf("goto pc%+d", insn->off);
	default:
		return g_strdup_printf("if %c%u %s %s goto pc%+d", prefix, insn->dst_reg,
				       operation ? operation : "?", operand, insn->off);
	}
}

static char *format_memory(const struct bpf_insn *insn)
{
	const char *size = sizes[BPF_SIZE(insn->code) >> 3];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		return g_strdup_printf("r%u = *(%s *)(r%u %+d)", insn->dst_reg, size, insn->src_reg,
				       insn->off);
	case BPF_STX:
		return g_strdup_printf("*(%s *)(r%u %+d) = r%u", size, insn->dst_reg, insn->off,
				       insn->src_reg);
	case BPF_ST:
		return g_strdup_printf("*(%s *)(r%u %+d) = %d", size, insn->dst_reg, insn->off,
				       insn->imm);
	default:
		return g_strdup_printf("r%u = %d ll", insn->dst_reg, insn->imm);
	}
}

char *disassembly_format(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return format_alu(insn);
	case BPF_JMP:
	case BPF_JMP32:
		return format_jump(insn);
	default:
		return format_memory(insn);
	}
}
