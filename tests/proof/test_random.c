/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random programs: proofs are checked by running the program in an interpreter, once with the slot
 * empty and once with a program in it that returns the index. XDPSHARK_SEED=N makes others.
 */
#include <stdlib.h>
#include <string.h>

#include "proof.h"

#define PROGRAMS 60000
#define RUNS	 12
#define LENGTH	 28
#define STEPS	 400
#define STACK	 64
#define EFFECTS	 64

#define HOOK 7

typedef struct {
	struct bpf_insn insns[2 * LENGTH + 4];
	guint count;
} Program;

/* A side effect. */
typedef struct {
	guint64 address, value;
} Effect;

typedef struct {
	guint64 registers[12];
	guint8 stack[STACK];
	guint32 back; /* where the caller continues */
} Level;

typedef struct {
	const Program *program;
	Level levels[2];
	guint level;
	guint32 at;
	guint64 seed; /* for the contents of memory and results of helpers */
	guint helpers;
	Effect effects[EFFECTS];
	guint effect_count;
	guint steps;
	gboolean stopped; /* it has run for too long, or done too much */
	gboolean ended;
} Machine;

static guint64 mix(guint64 a, guint64 b)
{
	guint64 x = (a ^ b * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) + 0x1234567;

	x = (x ^ x >> 31) * G_GUINT64_CONSTANT(0xd6e8feb86659fd93);
	return x ^ x >> 29;
}

static guint64 stack_top(const Machine *machine, guint level)
{
	return mix(machine->seed, 100 + level) << 16 | G_GUINT64_CONSTANT(1) << 63;
}

static guint8 *stack_at(Machine *machine, guint64 address, guint size)
{
	for (guint level = 0; level <= machine->level; level++) {
		guint64 offset = address - (stack_top(machine, level) - STACK);

		if (offset <= STACK - size)
			return machine->levels[level].stack + offset;
	}
	return NULL;
}

/* Small numbers often, so that some are actions. */
static guint64 number(guint64 from)
{
	switch (from % 4) {
	case 0:
		return from >> 8 & 7;
	case 1:
		return (from >> 8 & 7) | (from & ~(guint64)G_MAXUINT32);
	case 2:
		return (guint64)(gint64)(gint8)(from >> 8);
	default:
		return from;
	}
}

static guint64 load(Machine *machine, guint64 address, guint size)
{
	const guint8 *stack = stack_at(machine, address, size);
	guint64 value = number(mix(machine->seed, address));

	if (stack) {
		value = 0;
		memcpy(&value, stack, size);
	}
	return size < 8 ? value & (((guint64)1 << 8 * size) - 1) : value;
}

static void store(Machine *machine, guint64 address, guint size, guint64 value)
{
	guint8 *stack = stack_at(machine, address, size);

	if (stack) {
		memcpy(stack, &value, size);
	} else if (machine->effect_count < EFFECTS) {
		machine->effects[machine->effect_count++] = (Effect){ address, value };
	} else {
		machine->stopped = TRUE;
	}
}

/* A helper may write from its pointer arguments upwards. */
static void call_helper(Machine *machine)
{
	Level *level = &machine->levels[machine->level];
	guint64 result = mix(machine->seed, 1000 + machine->helpers++);

	for (guint i = 1; i <= 5; i++) {
		guint64 address = level->registers[i];
		guint8 *stack = stack_at(machine, address, 1);

		while (stack && (result & 1)) {
			*stack = (guint8)mix(result, address);
			stack = stack_at(machine, ++address, 1);
		}
	}
	if (machine->effect_count < EFFECTS)
		machine->effects[machine->effect_count++] = (Effect){ 1, result };
	level->registers[0] = number(result >> 1);
}

static void call_function(Machine *machine, guint32 target)
{
	Level *caller = &machine->levels[machine->level];
	Level *callee = caller + 1;

	if (machine->level > 0) {
		machine->stopped = TRUE;
		return;
	}
	caller->back = machine->at;
	machine->level++;
	for (guint i = 0; i < 12; i++)
		callee->registers[i] = mix(machine->seed, 2000 + i);
	memcpy(&callee->registers[1], &caller->registers[1], 5 * sizeof(guint64));
	callee->registers[10] = stack_top(machine, 1);
	machine->at = target;
}

static void leave(Machine *machine, guint64 result)
{
	if (machine->level == 0) {
		machine->ended = TRUE;
	} else {
		machine->level--;
		machine->at = machine->levels[0].back;
	}
	machine->levels[machine->level].registers[0] = result;
}

static gboolean compare(guint8 op, guint64 a, guint64 b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JLE:
		return a <= b;
	case BPF_JLT:
		return a < b;
	case BPF_JGE:
		return a >= b;
	case BPF_JSGT:
		return (gint64)a > (gint64)b;
	case BPF_JSLE:
		return (gint64)a <= (gint64)b;
	default:
		return (a & b) != 0;
	}
}

static void jump(Machine *machine, const struct bpf_insn *insn)
{
	const guint64 *registers = machine->levels[machine->level].registers;
	guint64 a = registers[insn->dst_reg];
	guint64 b = BPF_SRC(insn->code) == BPF_X ? registers[insn->src_reg]
						 : (guint64)(gint64)insn->imm;

	if (BPF_CLASS(insn->code) == BPF_JMP32) {
		a = (guint64)(gint64)(gint32)a;
		b = (guint64)(gint64)(gint32)b;
	}
	if (BPF_OP(insn->code) == BPF_JA || compare(BPF_OP(insn->code), a, b))
		machine->at += insn->off;
}

static guint64 calculate(guint8 op, gboolean wide, guint64 a, guint64 b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_MUL:
		return a * b;
	case BPF_LSH:
		return a << (b & (wide ? 63 : 31));
	case BPF_RSH:
		return a >> (b & (wide ? 63 : 31));
	case BPF_ARSH:
		return wide ? (guint64)((gint64)a >> (b & 63)) : (guint32)((gint32)a >> (b & 31));
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_MOD:
		return b ? a % b : a;
	default:
		return b;
	}
}

static void alu(Machine *machine, const struct bpf_insn *insn)
{
	guint64 *registers = machine->levels[machine->level].registers;
	const gboolean wide = BPF_CLASS(insn->code) == BPF_ALU64;
	guint64 a = registers[insn->dst_reg];
	guint64 b = BPF_SRC(insn->code) == BPF_X ? registers[insn->src_reg]
						 : (guint64)(gint64)insn->imm;
	guint64 result;

	if (insn->off == 8)
		b = (guint64)(gint64)(gint8)b;
	if (insn->off == 16)
		b = (guint64)(gint64)(gint16)b;
	if (insn->off == 32)
		b = (guint64)(gint64)(gint32)b;
	if (!wide) {
		a = (guint32)a;
		b = (guint32)b;
	}
	result = calculate(BPF_OP(insn->code), wide, a, b);
	registers[insn->dst_reg] = wide ? result : (guint32)result;
}

static guint size_of(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

static void call(Machine *machine, const struct bpf_insn *insn)
{
	if (insn->src_reg == BPF_PSEUDO_CALL)
		call_function(machine, machine->at + (guint32)insn->off);
	else if (insn->imm == BPF_FUNC_tail_call)
		machine->levels[machine->level].registers[0] = mix(machine->seed, machine->at);
	else
		call_helper(machine);
}

static void step(Machine *machine)
{
	const struct bpf_insn *insn = &machine->program->insns[machine->at++];
	guint64 *registers = machine->levels[machine->level].registers;

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		alu(machine, insn);
		break;
	case BPF_LD:
		registers[insn->dst_reg] = mix(machine->seed, 3000);
		machine->at++;
		break;
	case BPF_LDX:
		registers[insn->dst_reg] =
			load(machine, registers[insn->src_reg] + insn->off, size_of(insn));
		break;
	case BPF_ST:
		store(machine, registers[insn->dst_reg] + insn->off, size_of(insn),
		      (guint64)(gint64)insn->imm);
		break;
	case BPF_STX:
		store(machine, registers[insn->dst_reg] + insn->off, size_of(insn),
		      registers[insn->src_reg]);
		break;
	default:
		if (insn->code == (BPF_JMP | BPF_CALL))
			call(machine, insn);
		else if (insn->code == (BPF_JMP | BPF_EXIT))
			leave(machine, registers[0]);
		else
			jump(machine, insn);
	}
	if (++machine->steps > STEPS)
		machine->stopped = TRUE;
}

static gboolean is_tail_call(const Machine *machine)
{
	const struct bpf_insn *insn = &machine->program->insns[machine->at];

	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 &&
	       insn->imm == BPF_FUNC_tail_call;
}

static void run_on(Machine *machine)
{
	while (!machine->ended && !machine->stopped)
		step(machine);
}

/* Compares both runs, from a tail call on. */
static void check_call(const Machine *machine, guint32 index)
{
	Machine failed = *machine, found = *machine;

	run_on(&failed);
	found.at++;
	leave(&found, index);
	run_on(&found);
	if (failed.stopped || found.stopped)
		return;
	g_assert_cmpuint((guint32)failed.levels[0].registers[0], ==, index);
	g_assert_cmpuint((guint32)found.levels[0].registers[0], ==, index);
	g_assert_cmpuint(failed.effect_count, ==, found.effect_count);
	g_assert_cmpmem(failed.effects, failed.effect_count * sizeof(Effect), found.effects,
			found.effect_count * sizeof(Effect));
}

static guint check_run(const Program *program, guint64 seed)
{
	Machine machine = { .program = program, .seed = seed };
	Level *level = machine.levels;
	guint calls = 0;

	for (guint i = 0; i < 12; i++)
		level->registers[i] = mix(seed, i);
	for (guint i = 0; i < STACK; i++) {
		machine.levels[0].stack[i] = (guint8)mix(seed, 4000 + i);
		machine.levels[1].stack[i] = (guint8)mix(seed, 5000 + i);
	}
	level->registers[10] = stack_top(&machine, 0);
	while (!machine.ended && !machine.stopped) {
		guint32 index = (guint32)machine.levels[machine.level].registers[3];

		if (is_tail_call(&machine) && index < PROOF_INDICES) {
			check_call(&machine, index);
			calls++;
		}
		step(&machine);
	}
	return calls;
}

static void add(Program *program, guint8 code, guint8 dst, guint8 src, gint16 off, gint32 imm)
{
	program->insns[program->count++] = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
	};
}

static guint8 any(GRand *random, const char *registers)
{
	char c = registers[g_rand_int_range(random, 0, (gint32)strlen(registers))];

	return c == 'a' ? 10 : (guint8)(c - '0');
}

static const guint8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
static const gint32 numbers[] = { 0, 1, 2, 3, 4, 5, 7, 8, 15, 255, 65535, -1, -8 };

static void add_alu(Program *program, GRand *random)
{
	static const struct {
		guint8 op;
		gint32 imm;
	} choices[] = {
		{ BPF_LSH, 32 },  { BPF_RSH, 32 },  { BPF_ARSH, 32 }, { BPF_LSH, 56 },
		{ BPF_RSH, 56 },  { BPF_ARSH, 56 }, { BPF_LSH, 24 },  { BPF_RSH, 24 },
		{ BPF_ARSH, 24 }, { BPF_AND, 7 },   { BPF_AND, 255 }, { BPF_AND, 3 },
		{ BPF_AND, -1 },  { BPF_ADD, 0 },   { BPF_ADD, 1 },   { BPF_SUB, 1 },
		{ BPF_OR, 0 },	  { BPF_OR, 4 },    { BPF_XOR, 1 },   { BPF_MUL, 1 },
		{ BPF_DIV, 1 },	  { BPF_MOD, 8 },   { BPF_LSH, 1 },   { BPF_RSH, 1 },
		{ BPF_ADD, -8 },  { BPF_LSH, 48 },  { BPF_RSH, 48 },  { BPF_AND, 65535 },
	};
	guint i = (guint)g_rand_int_range(random, 0, G_N_ELEMENTS(choices));
	guint8 class = g_rand_boolean(random) ? BPF_ALU64 : BPF_ALU;
	gint32 imm = choices[i].imm;

	if (class == BPF_ALU && imm >= 32 && choices[i].op != BPF_AND)
		class = BPF_ALU64;
	if (g_rand_int_range(random, 0, 6) == 0)
		add(program, class | choices[i].op | BPF_X, any(random, "0378"),
		    any(random, "03678"), 0, 0);
	else
		add(program, class | choices[i].op | BPF_K, any(random, "03478"), 0, 0, imm);
}

static void add_move(Program *program, GRand *random)
{
	static const gint16 extensions[] = { 0, 0, 0, 0, 8, 16, 32 };
	gint16 off = extensions[g_rand_int_range(random, 0, G_N_ELEMENTS(extensions))];
	guint8 class = g_rand_boolean(random) ? BPF_ALU64 : BPF_ALU;

	if (off == 32)
		class = BPF_ALU64;
	add(program, class | BPF_MOV | BPF_X, any(random, "023478"), any(random, "0334778"), off,
	    0);
}

static void add_insn(Program *program, GRand *random)
{
	static const guint8 jumps[] = { BPF_JEQ, BPF_JNE,  BPF_JGT,  BPF_JLE, BPF_JLT,
					BPF_JGE, BPF_JSGT, BPF_JSLE, BPF_JSET };
	guint8 size = sizes[g_rand_int_range(random, 0, G_N_ELEMENTS(sizes))];
	gint16 off = (gint16)(-8 * g_rand_int_range(random, 1, 4));
	gint32 imm = numbers[g_rand_int_range(random, 0, G_N_ELEMENTS(numbers))];

	switch (g_rand_int_range(random, 0, 16)) {
	case 0:
	case 1:
	case 2:
		add_alu(program, random);
		break;
	case 3:
	case 4:
	case 5:
		add_move(program, random);
		break;
	case 6:
		add(program, BPF_ALU64 | BPF_MOV | BPF_K, any(random, "03478"), 0, 0, imm);
		break;
	case 7:
	case 8:
		add(program, BPF_STX | BPF_MEM | size, any(random, "aaaaaa6"), any(random, "03478"),
		    off, 0);
		break;
	case 9:
	case 10:
		add(program, BPF_LDX | BPF_MEM | size, any(random, "03478"), any(random, "aaa64"),
		    off, 0);
		break;
	case 11:
		add(program, BPF_ST | BPF_MEM | size, 10, 0, off, imm);
		break;
	case 12:
		add(program, BPF_ALU64 | BPF_MOV | BPF_X, any(random, "24"), 10, 0, 0);
		break;
	case 13:
		add(program, BPF_JMP | BPF_CALL, 0, 0, 0, 0);
		break;
	default:
		add(program,
		    (g_rand_boolean(random) ? BPF_JMP : BPF_JMP32) |
			    jumps[g_rand_int_range(random, 0, G_N_ELEMENTS(jumps))],
		    any(random, "03478"), 0, (gint16)g_rand_int_range(random, 0, 5), imm);
		break;
	}
}

/* Adds a function, with jumps within it. With tail_call it has one, followed by code that returns
 * the index often enough. */
static void add_function(Program *program, GRand *random, gboolean call, gboolean tail_call)
{
	const guint start = program->count;
	const guint before = (guint)g_rand_int_range(random, 1, 10);
	const guint behind = (guint)g_rand_int_range(random, 0, 4);

	for (guint i = 0; i < before; i++)
		add_insn(program, random);
	if (call) {
		add(program, BPF_ALU64 | BPF_MOV | BPF_X, 2, any(random, "378"), 0, 0);
		add(program, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, G_MAXINT16, 0);
	}
	if (tail_call) {
		add(program, BPF_ALU64 | BPF_MOV | BPF_X, 3, any(random, "2777883"), 0, 0);
		add(program, BPF_LD | BPF_IMM | BPF_DW, 2, BPF_PSEUDO_MAP_FD, 0, HOOK);
		add(program, 0, 0, 0, 0, 0);
		add(program, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call);
	}
	for (guint i = 0; i < behind; i++)
		add_insn(program, random);
	if (g_rand_int_range(random, 0, 4) == 0)
		add(program, BPF_LDX | BPF_MEM | sizes[g_rand_int_range(random, 0, 4)], 0, 10,
		    (gint16)(-8 * g_rand_int_range(random, 1, 4)), 0);
	else if (!call || g_rand_boolean(random))
		add(program, (g_rand_boolean(random) ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_X, 0,
		    any(random, "777880"), 0, 0);
	add(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (guint at = start; at < program->count; at++) {
		struct bpf_insn *insn = &program->insns[at];
		guint target = at + 1 + (guint)insn->off;

		if (BPF_CLASS(insn->code) != BPF_JMP && BPF_CLASS(insn->code) != BPF_JMP32)
			continue;
		if (BPF_OP(insn->code) == BPF_CALL || BPF_OP(insn->code) == BPF_EXIT)
			continue;
		/* Sometimes backwards, which makes a loop. */
		if (g_rand_int_range(random, 0, 12) == 0)
			target = (guint)g_rand_int_range(random, (gint32)start, (gint32)at + 1);
		while (target >= program->count || program->insns[target].code == 0)
			target--;
		insn->off = (gint16)((gint32)target - (gint32)at - 1);
	}
}

static void make_program(Program *program, GRand *random)
{
	const gboolean call = g_rand_int_range(random, 0, 3) == 0;
	const guint8 size = sizes[g_rand_int_range(random, 0, G_N_ELEMENTS(sizes))];

	program->count = 0;
	add(program, BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	add(program, BPF_LDX | BPF_MEM | size, 7, 6, 8, 0);
	add_function(program, random, call, !call || g_rand_int_range(random, 0, 4) == 0);
	if (!call)
		return;
	for (guint at = 0; at < program->count; at++)
		if (program->insns[at].off == G_MAXINT16)
			program->insns[at].off = (gint16)(program->count - at - 1);
	add_function(program, random, FALSE, TRUE);
}

static gboolean is_proven(const Program *program)
{
	g_autoptr(GArray) sites = proof_of_program(program->insns, program->count);

	for (guint i = 0; i < sites->len; i++)
		if (g_array_index(sites, ProofSite, i).verdict > PROOF_PROVEN)
			return FALSE;
	return sites->len > 0;
}

static void print_program(const Program *program)
{
	for (guint i = 0; i < program->count; i++) {
		const struct bpf_insn *insn = &program->insns[i];

		g_test_message("%u: %02x r%u r%u %+d %d", i, insn->code, insn->dst_reg,
			       insn->src_reg, insn->off, insn->imm);
	}
}

static void test_random(void)
{
	const char *seed = g_getenv("XDPSHARK_SEED");
	g_autoptr(GRand) random = g_rand_new_with_seed(seed ? (guint32)strtoul(seed, NULL, 10) : 1);
	guint proven = 0, calls = 0;
	Program program;

	for (guint i = 0; i < PROGRAMS; i++) {
		make_program(&program, random);
		if (!is_proven(&program))
			continue;
		proven++;
		if (g_test_verbose())
			print_program(&program);
		for (guint run = 0; run < RUNS; run++)
			calls += check_run(&program, mix(i, run));
	}
	g_test_message("%u of %u proven, %u calls tried out", proven, PROGRAMS, calls);
	g_assert_cmpuint(proven, >, PROGRAMS / 100);
	g_assert_cmpuint(calls, >, PROGRAMS / 100);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/proof/of random programs", test_random);
	return g_test_run();
}
