/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program does after its tail calls. A call that finds its slot empty fails, and the program
 * continues. If it then does nothing but return the call's index, it makes no difference whether
 * the slot holds a program that also returns the index: the array is a hook for captures. If it
 * does anything else, the array is a jump table, and a program in an empty slot would change what
 * happens to packets.
 *
 * Pure: works on instructions, and makes no system calls.
 */
#ifndef XDPSHARK_PROOF_H
#define XDPSHARK_PROOF_H

#include <glib.h>
#include <linux/bpf.h>

/* Indices 0 to PROOF_INDICES - 1 are examined, the XDP actions. Captures never fill other slots. */
#define PROOF_INDICES 5

/* From best to worst. */
typedef enum {
	PROOF_NONE,	 /* there is no call */
	PROOF_PROVEN,	 /* returns the index, and does nothing else */
	PROOF_UNDECIDED, /* cannot be decided, or does something else of little importance */
	PROOF_DISPROVEN, /* returns or does something else */
} ProofVerdict;

typedef enum {
	PROOF_RETURNS_INDEX,
	PROOF_RETURNS_OTHER,   /* `returned` for `index`, at `where` */
	PROOF_RETURNS_UNKNOWN, /* at `where`, for `index` */
	PROOF_WRITES,	       /* to the packet, or to an unknown place, at `where` */
	PROOF_WORKS,	       /* calls a helper or writes to a map, at `where` */
	PROOF_WORKS_AND_RETURNS_UNKNOWN,
	PROOF_CALLS_AGAIN,   /* with another index, or perhaps another one, at `where` */
	PROOF_CALLS_ANOTHER, /* the same index of another map, at `where` */
	PROOF_IN_CALLBACK,   /* the call is in a function that a helper calls */
	PROOF_TOO_COMPLEX,
	PROOF_TOO_LONG,
	PROOF_STRANGE, /* an unknown instruction, at `where` */
} ProofReason;

/* A tail call. */
typedef struct {
	guint32 map_id; /* 0: unknown, may be any map of the program */
	guint32 call;	/* number of the instruction, as `bpftool prog dump xlated` shows it */
	ProofVerdict verdict;
	ProofReason reason;
	guint32 where; /* number of the instruction that the reason refers to */
	guint32 index;
	guint32 returned;
} ProofSite;

/* The tail calls of a program (ProofSite). insns are those of BPF_OBJ_GET_INFO_BY_FD: as rewritten
 * by the kernel's verifier, with ids in place of maps. Calls that never have one of the indices are
 * left out. What concerns the whole program is reported for a call at 0. */
GArray *proof_of_program(const struct bpf_insn *insns, gsize count);

#endif /* XDPSHARK_PROOF_H */
