// SPDX-License-Identifier: GPL-2.0-or-later
#include "code.h"

#include "frame.h"

/* Longer programs are not analysed. The kernel gives the offset of a called function in 16 bits. */
#define LENGTH_MAX		131072
#define LENGTH_MAX_OF_FUNCTIONS G_MAXINT16

/* The kernel allows 256. */
#define FUNCTIONS_MAX 1024

/* May be missing in libc's headers. */
#ifndef BPF_PSEUDO_FUNC
#define BPF_PSEUDO_FUNC 4
#endif
#define OP_MAY_GOTO 0xe0

static CodeKind kind_of_call(const struct bpf_insn *insn)
{
	switch (insn->src_reg) {
	case BPF_PSEUDO_CALL:
		return CODE_CALL_FUNCTION;
	case 0:
		/* For other helpers the kernel gives the address, or nothing. */
		return insn->imm == BPF_FUNC_tail_call ? CODE_TAIL_CALL : CODE_CALL;
	default:
		return CODE_CALL;
	}
}

static CodeKind kind_of_jump(const struct bpf_insn *insn)
{
	switch (insn->code) {
	case BPF_JMP | BPF_JA:
	case BPF_JMP32 | BPF_JA:
		return CODE_GOTO;
	case BPF_JMP | BPF_CALL:
		return kind_of_call(insn);
	case BPF_JMP | BPF_EXIT:
		return CODE_EXIT;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
	case BPF_JGT:
	case BPF_JGE:
	case BPF_JSET:
	case BPF_JNE:
	case BPF_JSGT:
	case BPF_JSGE:
	case BPF_JLT:
	case BPF_JLE:
	case BPF_JSLT:
	case BPF_JSLE:
	case OP_MAY_GOTO:
		return CODE_JUMP;
	default:
		return CODE_STRANGE;
	}
}

CodeKind code_kind(const struct bpf_insn *insn)
{
	if (insn->dst_reg >= FRAME_REGISTERS || insn->src_reg >= FRAME_REGISTERS)
		return CODE_STRANGE;
	switch (BPF_CLASS(insn->code)) {
	case BPF_JMP:
	case BPF_JMP32:
		return kind_of_jump(insn);
	case BPF_LD:
		return insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? CODE_WIDE : CODE_STRANGE;
	default:
		return CODE_STEP;
	}
}

static gint64 offset_of(const struct bpf_insn *insn)
{
	if (insn->code == (BPF_JMP32 | BPF_JA))
		return insn->imm;
	/* The kernel puts the offset of a called function here, and its number in imm. */
	if (insn->code == (BPF_JMP | BPF_CALL) && insn->off == 0)
		return insn->imm;
	return insn->off;
}

guint32 code_target(const Code *code, guint32 at)
{
	return (guint32)(at + 1 + offset_of(&code->insns[at]));
}

static gint compare_functions(gconstpointer a, gconstpointer b)
{
	const CodeFunction *first = a, *second = b;

	return first->start < second->start ? -1 : first->start > second->start;
}

static void add_function(Code *code, guint32 start)
{
	CodeFunction function = { .start = start };

	if (code->functions->len > FUNCTIONS_MAX)
		return;
	for (guint i = 0; i < code->functions->len; i++)
		if (g_array_index(code->functions, CodeFunction, i).start == start)
			return;
	g_array_append_val(code->functions, function);
}

static void refuse(Code *code, guint32 at)
{
	if (!code->strange)
		code->strange_at = at;
	code->strange = TRUE;
}

/* Adds a jump, or a reference to a function. */
static void add_target(Code *code, guint32 at, gint64 target, gboolean function)
{
	if (target < 0 || target >= code->count) {
		refuse(code, at);
		return;
	}
	code->marks[target] |= CODE_MARK_TARGET;
	if (function)
		add_function(code, (guint32)target);
}

/* Marks the targets of jumps and calls. */
static void find_targets(Code *code)
{
	gboolean calls = FALSE;

	for (guint32 at = 0; at < code->count; at++) {
		const struct bpf_insn *insn = &code->insns[at];
		const CodeKind kind = code_kind(insn);

		if (kind == CODE_STRANGE || (kind == CODE_WIDE && at + 1 == code->count))
			refuse(code, at);
		if (kind == CODE_JUMP || kind == CODE_GOTO)
			add_target(code, at, at + 1 + offset_of(insn), FALSE);
		if (kind == CODE_CALL_FUNCTION)
			add_target(code, at, at + 1 + offset_of(insn), TRUE);
		if (kind == CODE_WIDE && insn->src_reg == BPF_PSEUDO_FUNC)
			add_target(code, at, (gint64)at + 1 + insn->imm, TRUE);
		if (kind == CODE_WIDE)
			code->marks[++at] |= CODE_MARK_SECOND;
		calls = calls || kind == CODE_CALL_FUNCTION;
	}
	code->too_long = (calls && code->count > LENGTH_MAX_OF_FUNCTIONS) ||
			 code->functions->len > FUNCTIONS_MAX;
}

static CodeFunction *function_at(const Code *code, guint32 at)
{
	guint low = 0, high = code->functions->len;

	while (high - low > 1) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(code->functions, CodeFunction, middle).start <= at)
			low = middle;
		else
			high = middle;
	}
	return &g_array_index(code->functions, CodeFunction, low);
}

const CodeFunction *code_function(const Code *code, guint32 at)
{
	return function_at(code, at);
}

static void limit_functions(Code *code)
{
	g_array_sort(code->functions, compare_functions);
	for (guint i = 0; i < code->functions->len; i++)
		g_array_index(code->functions, CodeFunction, i).end =
			i + 1 < code->functions->len
				? g_array_index(code->functions, CodeFunction, i + 1).start
				: code->count;
}

/* One round; TRUE if another function was marked. */
static gboolean mark_relevant(Code *code)
{
	gboolean found = FALSE;

	for (guint32 at = 0; at < code->count; at++) {
		const CodeKind kind = code_kind(&code->insns[at]);
		CodeFunction *function = NULL;

		if (kind == CODE_WIDE)
			at++;
		if (kind == CODE_TAIL_CALL || (kind == CODE_CALL_FUNCTION &&
					       function_at(code, code_target(code, at))->relevant))
			function = function_at(code, at);
		if (!function || function->relevant)
			continue;
		function->relevant = TRUE;
		found = TRUE;
	}
	return found;
}

/* Functions follow one another and jumps stay within theirs: the kernel's verifier checks this. */
static void check_jumps(Code *code)
{
	for (guint32 at = 0; at < code->count; at++) {
		const CodeKind kind = code_kind(&code->insns[at]);

		if (code->marks[at] & CODE_MARK_SECOND) {
			if (code->marks[at] & CODE_MARK_TARGET)
				refuse(code, at);
			continue;
		}
		if ((kind == CODE_JUMP || kind == CODE_GOTO) &&
		    code_function(code, code_target(code, at)) != code_function(code, at))
			refuse(code, at);
	}
}

Code *code_new(const struct bpf_insn *insns, gsize count)
{
	Code *code = g_new0(Code, 1);

	code->insns = insns;
	code->functions = g_array_new(FALSE, FALSE, sizeof(CodeFunction));
	code->too_long = count > LENGTH_MAX;
	if (code->too_long)
		return code;
	code->count = (guint32)count;
	code->marks = g_new0(guint8, count + 1);
	add_function(code, 0);
	find_targets(code);
	limit_functions(code);
	if (code->strange || code->too_long)
		return code;
	check_jumps(code);
	while (mark_relevant(code))
		;
	return code;
}

void code_free(Code *code)
{
	if (!code)
		return;
	g_array_unref(code->functions);
	g_free(code->marks);
	g_free(code);
}
