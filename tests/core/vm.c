/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs eBPF instructions and checks each access: what the verifier proves, for one run. */
#include "vm.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#define STACK_BYTES 512
#define STEPS_MOST  ((uint64_t)64 * 1000 * 1000)
#define ALL_LOWER   0xffffffffu

struct vm {
	const struct vm_arguments *arguments;
	uint64_t registers[11];
	uint32_t set; /* registers that have been set */
	_Alignas(8) uint8_t stack[STACK_BYTES];
	uint8_t stack_set[STACK_BYTES];
	const char *fault;
	uint32_t random;
};

static uint64_t reg_get(struct vm *vm, unsigned int reg)
{
	if (reg > 10 || !(vm->set & (1u << reg))) {
		vm->fault = "reads a register that is not set";
		return 0;
	}
	return vm->registers[reg];
}

static void reg_set(struct vm *vm, unsigned int reg, uint64_t value)
{
	if (reg > 9) {
		vm->fault = "writes a register that cannot be written";
		return;
	}
	vm->registers[reg] = value;
	vm->set |= 1u << reg;
}

static size_t access_size(uint8_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_W:
		return 4;
	case BPF_H:
		return 2;
	case BPF_B:
		return 1;
	default:
		return 8;
	}
}

/* The index into the stack, or -1. */
static int64_t stack_index(const struct vm *vm, uint64_t address, size_t size)
{
	uint64_t start = (uintptr_t)vm->stack;

	if (address < start || address + size > start + STACK_BYTES || address % size)
		return -1;
	return (int64_t)(address - start);
}

/* Where the lowest size bytes of value are, in this machine's byte order. */
static uint8_t *low_bytes(uint64_t *value, size_t size)
{
	return (uint8_t *)value + (BYTE_ORDER == BIG_ENDIAN ? sizeof(*value) - size : 0);
}

static void run_load(struct vm *vm, const struct bpf_insn *insn)
{
	uint64_t address = reg_get(vm, insn->src_reg) + (uint64_t)(int64_t)insn->off;
	uint64_t bytes = (uintptr_t)vm->arguments->bytes;
	size_t size = access_size(insn->code);
	int64_t index = stack_index(vm, address, size);
	uint64_t value = 0;

	if (vm->fault)
		return;
	if (index < 0 && (address < bytes || address + size > bytes + vm->arguments->readable)) {
		vm->fault = "reads outside of the packet";
		return;
	}
	for (size_t i = 0; index >= 0 && i < size; i++) {
		if (!vm->stack_set[(size_t)index + i]) {
			vm->fault = "reads stack that was not written";
			return;
		}
	}
	memcpy(low_bytes(&value, size), (const void *)(uintptr_t)address, size);
	reg_set(vm, insn->dst_reg, value);
}

static void run_store(struct vm *vm, const struct bpf_insn *insn, uint64_t value)
{
	uint64_t address = reg_get(vm, insn->dst_reg) + (uint64_t)(int64_t)insn->off;
	size_t size = access_size(insn->code);
	int64_t index = stack_index(vm, address, size);

	if (index < 0 && !vm->fault)
		vm->fault = "writes outside of the stack";
	if (vm->fault)
		return;
	memcpy(&vm->stack[index], low_bytes(&value, size), size);
	memset(&vm->stack_set[index], 1, size);
}

static uint64_t alu(struct vm *vm, uint8_t operation, uint64_t a, uint64_t b, bool wide)
{
	uint64_t bits = wide ? 63 : 31;

	switch (operation) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_MOD:
		return b ? a % b : a;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & bits);
	case BPF_RSH:
		return a >> (b & bits);
	case BPF_NEG:
		return 0 - a;
	case BPF_MOV:
		return b;
	default:
		vm->fault = "unknown arithmetic";
		return 0;
	}
}

static uint64_t swap(struct vm *vm, uint64_t value, int32_t bits)
{
	switch (bits) {
	case 16:
		return htobe16((uint16_t)value);
	case 32:
		return htobe32((uint32_t)value);
	default:
		vm->fault = "unknown byte swap";
		return 0;
	}
}

static void run_alu(struct vm *vm, const struct bpf_insn *insn, bool wide)
{
	uint8_t operation = BPF_OP(insn->code);
	bool constant = BPF_SRC(insn->code) == BPF_K;
	uint64_t b, a = 0;

	if (operation == BPF_END) {
		if (insn->code != (BPF_ALU | BPF_END | BPF_TO_BE))
			vm->fault = "unknown byte swap";
		reg_set(vm, insn->dst_reg, swap(vm, reg_get(vm, insn->dst_reg), insn->imm));
		return;
	}
	b = constant ? (uint64_t)(int64_t)insn->imm : reg_get(vm, insn->src_reg);
	if (operation != BPF_MOV)
		a = reg_get(vm, insn->dst_reg);
	if (constant && (operation == BPF_LSH || operation == BPF_RSH) && b > (wide ? 63 : 31))
		vm->fault = "shifts by too large a constant";
	if (constant && (operation == BPF_DIV || operation == BPF_MOD) && b == 0)
		vm->fault = "divides by constant zero";
	if (!wide) {
		a &= ALL_LOWER;
		b &= ALL_LOWER;
	}
	a = alu(vm, operation, a, b, wide);
	reg_set(vm, insn->dst_reg, wide ? a : a & ALL_LOWER);
}

static bool compare(struct vm *vm, uint8_t operation, uint64_t a, uint64_t b)
{
	switch (operation) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return (a & b) != 0;
	default:
		vm->fault = "unknown comparison";
		return false;
	}
}

static bool run_compare(struct vm *vm, const struct bpf_insn *insn, bool wide)
{
	uint64_t a = reg_get(vm, insn->dst_reg);
	uint64_t b = (uint64_t)(int64_t)insn->imm;

	if (BPF_SRC(insn->code) == BPF_X)
		b = reg_get(vm, insn->src_reg);
	if (!wide) {
		a &= ALL_LOWER;
		b &= ALL_LOWER;
	}
	return compare(vm, BPF_OP(insn->code), a, b);
}

static void run_call(struct vm *vm, int32_t helper)
{
	uint64_t value;

	if (helper == BPF_FUNC_get_smp_processor_id) {
		value = vm->arguments->cpu;
	} else if (helper == BPF_FUNC_get_prandom_u32) {
		vm->random = vm->random * 1664525u + 1013904223u;
		value = vm->random;
	} else {
		vm->fault = "calls an unknown helper";
		return;
	}
	vm->set &= ~0x3eu;
	/* Only the lower 32 bits are defined. */
	reg_set(vm, 0, value | (uint64_t)0x5a5a5a5a << 32);
}

/* Runs the instruction at *at and advances; false at the end. */
static bool run_insn(struct vm *vm, const struct bpf_insn *insns, size_t *at)
{
	const struct bpf_insn *insn = &insns[*at];
	bool taken = false;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		run_load(vm, insn);
		break;
	case BPF_ST:
		run_store(vm, insn, (uint32_t)insn->imm);
		break;
	case BPF_STX:
		run_store(vm, insn, reg_get(vm, insn->src_reg));
		break;
	case BPF_ALU:
	case BPF_ALU64:
		run_alu(vm, insn, BPF_CLASS(insn->code) == BPF_ALU64);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		if (insn->code == (BPF_JMP | BPF_EXIT))
			return false;
		if (insn->code == (BPF_JMP | BPF_CALL))
			run_call(vm, insn->imm);
		else
			taken = insn->code == (BPF_JMP | BPF_JA) ||
				run_compare(vm, insn, BPF_CLASS(insn->code) == BPF_JMP);
		break;
	default:
		vm->fault = "unknown instruction";
	}
	*at = (size_t)((int64_t)*at + 1 + (taken ? insn->off : 0));
	return true;
}

struct vm_result vm_run(const struct bpf_insn *insns, size_t count,
			const struct vm_arguments *arguments)
{
	struct vm vm = { .arguments = arguments, .set = 0x43e, .random = 1 };
	struct vm_result result = { 0 };

	vm.registers[1] = (uintptr_t)arguments->bytes;
	vm.registers[2] = arguments->second ? arguments->second
					    : (uintptr_t)arguments->bytes + arguments->readable;
	vm.registers[3] = arguments->length;
	vm.registers[4] = arguments->ifindex;
	vm.registers[5] = arguments->queue;
	vm.registers[10] = (uintptr_t)vm.stack + STACK_BYTES;
	vm.set = 0x43e;
	while (result.steps++ < STEPS_MOST && !vm.fault) {
		size_t before = result.at;

		if (result.at >= count) {
			vm.fault = "runs off its end";
			break;
		}
		if (!run_insn(&vm, insns, &result.at)) {
			result.value = reg_get(&vm, 0);
			result.fault = vm.fault;
			return result;
		}
		if (vm.fault)
			result.at = before;
	}
	result.fault = vm.fault ? vm.fault : "does not end";
	return result;
}
