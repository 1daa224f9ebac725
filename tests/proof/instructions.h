/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions, for tests. */
#ifndef PROOF_INSTRUCTIONS_H
#define PROOF_INSTRUCTIONS_H

#include <glib.h>
#include <linux/bpf.h>

#define INSN(CODE, DST, SRC, OFF, IMM)                                                             \
	{                                                                                          \
		.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM)     \
	}
#define MOV(DST, SRC)		   INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define MOV32(DST, SRC)		   INSN(BPF_ALU | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define SET(DST, IMM)		   INSN(BPF_ALU64 | BPF_MOV | BPF_K, DST, 0, 0, IMM)
#define MOVSX(DST, SRC, N)	   INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, N, 0)
#define ALU(OP, DST, IMM)	   INSN(BPF_ALU64 | (OP) | BPF_K, DST, 0, 0, IMM)
#define ALU32(OP, DST, IMM)	   INSN(BPF_ALU | (OP) | BPF_K, DST, 0, 0, IMM)
#define ALUX(OP, DST, SRC)	   INSN(BPF_ALU64 | (OP) | BPF_X, DST, SRC, 0, 0)
#define LOAD(SIZE, DST, SRC, OFF)  INSN(BPF_LDX | BPF_MEM | (SIZE), DST, SRC, OFF, 0)
#define STORE(SIZE, DST, OFF, SRC) INSN(BPF_STX | BPF_MEM | (SIZE), DST, SRC, OFF, 0)
#define JUMP(OP, DST, IMM, OFF)	   INSN(BPF_JMP | (OP) | BPF_K, DST, 0, OFF, IMM)
#define JUMP32(OP, DST, IMM, OFF)  INSN(BPF_JMP32 | (OP) | BPF_K, DST, 0, OFF, IMM)
#define GOTO(OFF)		   INSN(BPF_JMP | BPF_JA, 0, 0, OFF, 0)
/* As returned by the kernel: maps by id, helpers without number, offsets of functions in off. */
#define MAP(DST, ID)                                                                               \
	INSN(BPF_LD | BPF_IMM | BPF_DW, DST, BPF_PSEUDO_MAP_FD, 0, ID),                            \
	{                                                                                          \
		.code = 0                                                                          \
	}
#define CALLBACK(DST, OFF)                                                                         \
	INSN(BPF_LD | BPF_IMM | BPF_DW, DST, BPF_PSEUDO_FUNC, 0, OFF),                             \
	{                                                                                          \
		.code = 0                                                                          \
	}
#define HELPER()	  INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0)
#define FUNCTION(OFF)	  INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, OFF, 0)
#define KERNEL_FUNCTION() INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, 0)
#define TAIL_CALL()	  INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call)
#define EXIT()		  INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* The number of instructions, without the unused ones at the end. */
static inline gsize length_of(const struct bpf_insn *insns, gsize count)
{
	while (count > 0 && insns[count - 1].code == 0 && insns[count - 1].imm == 0)
		count--;
	return count;
}

#endif /* PROOF_INSTRUCTIONS_H */
