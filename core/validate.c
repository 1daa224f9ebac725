/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Checks that an array of instructions is a valid classic program. */
#include "validate.h"

#include "fault.h"

struct check {
	const struct sock_filter *code;
	size_t length;
	struct cbpf_error *error;
};

static int check_load(const struct check *check, size_t index)
{
	const struct sock_filter *insn = &check->code[index];

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
	case BPF_ABS:
	case BPF_IND:
	case BPF_MSH:
	case BPF_LEN:
		return 0;
	case BPF_MEM:
		if (insn->k < BPF_MEMWORDS)
			return 0;
		return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
				"scratch word M[%u] does not exist", insn->k);
	default:
		return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
				"unknown opcode");
	}
}

static int check_store(const struct check *check, size_t index)
{
	const struct sock_filter *insn = &check->code[index];

	if (insn->k < BPF_MEMWORDS)
		return 0;
	return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
			"scratch word M[%u] does not exist", insn->k);
}

static int check_alu(const struct check *check, size_t index)
{
	const struct sock_filter *insn = &check->code[index];

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
	case BPF_LSH:
	case BPF_RSH:
	case BPF_NEG:
		return 0;
	case BPF_DIV:
	case BPF_MOD:
		if (BPF_SRC(insn->code) == BPF_X || insn->k != 0)
			return 0;
		return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
				"division by constant zero");
	default:
		return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
				"unknown opcode");
	}
}

static int check_jump(const struct check *check, size_t index)
{
	const struct sock_filter *insn = &check->code[index];
	size_t from = index + 1;

	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		/* The sum has 32 bits: a k of 2^31 or more jumps backwards. */
		if ((uint32_t)(from + insn->k) < check->length)
			return 0;
		break;
	case BPF_JEQ:
	case BPF_JGT:
	case BPF_JGE:
	case BPF_JSET:
		if (from + insn->jt < check->length && from + insn->jf < check->length)
			return 0;
		break;
	default:
		return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
				"unknown opcode");
	}
	return fault_at(check->error, check->code, index, CBPF_ERROR_INVALID,
			"jump beyond the end of the program");
}

static int check_nothing(const struct check *check, size_t index)
{
	(void)check;
	(void)index;
	return 0;
}

/* By instruction class. */
static int (*const checks[])(const struct check *check, size_t index) = {
	[BPF_LD] = check_load,	   [BPF_LDX] = check_load,     [BPF_ST] = check_store,
	[BPF_STX] = check_store,   [BPF_ALU] = check_alu,      [BPF_JMP] = check_jump,
	[BPF_RET] = check_nothing, [BPF_MISC] = check_nothing,
};

int program_validate(const struct sock_filter *code, size_t length, struct cbpf_error *error)
{
	struct check check = { .code = code, .length = length, .error = error };

	if (!code || length == 0)
		return fault(error, CBPF_ERROR_INVALID, "the program has no instructions");
	if (length > CBPF_INSNS_MAX)
		return fault(error, CBPF_ERROR_SIZE,
			     "the program has %zu instructions, of which %zu are accepted: use a "
			     "shorter filter, or several",
			     length, CBPF_INSNS_MAX);
	for (size_t i = 0; i < length; i++) {
		int result = checks[BPF_CLASS(code[i].code)](&check, i);

		if (result)
			return result;
	}
	if (BPF_CLASS(code[length - 1].code) != BPF_RET)
		return fault_at(error, code, length - 1, CBPF_ERROR_INVALID,
				"the last instruction is not a return");
	return 0;
}
