/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program's instructions and functions.
 */
#ifndef XDPSHARK_CODE_H
#define XDPSHARK_CODE_H

#include <glib.h>
#include <linux/bpf.h>

typedef enum {
	CODE_STEP, /* continues with the next one */
	CODE_WIDE, /* the same, skipping its second half */
	CODE_JUMP,
	CODE_GOTO,
	CODE_CALL, /* calls a helper or a function of the kernel */
	CODE_CALL_FUNCTION,
	CODE_TAIL_CALL,
	CODE_EXIT,
	CODE_STRANGE, /* unknown */
} CodeKind;

enum {
	CODE_MARK_TARGET = 1 << 0, /* target of a jump or a call */
	CODE_MARK_SECOND = 1 << 1, /* second half of a wide instruction */
};

typedef struct {
	guint32 start; /* its instructions: start to end - 1 */
	guint32 end;
	gboolean relevant; /* has a tail call, or calls a function that has one */
} CodeFunction;

typedef struct {
	const struct bpf_insn *insns;
	guint32 count;
	guint8 *marks;	   /* CODE_MARK_..., by instruction */
	GArray *functions; /* CodeFunction; the first one is the program's own */
	gboolean too_long;
	gboolean strange;
	guint32 strange_at; /* if strange */
} Code;

/* insns must outlive it. */
Code *code_new(const struct bpf_insn *insns, gsize count);
void code_free(Code *code);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Code, code_free)

CodeKind code_kind(const struct bpf_insn *insn);

/* The target of a jump or of a call of a function. */
guint32 code_target(const Code *code, guint32 at);

/* The function that an instruction belongs to. */
const CodeFunction *code_function(const Code *code, guint32 at);

#endif /* XDPSHARK_CODE_H */
