/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program does behind its tail calls. A call that finds its slot empty fails, and the
 * program goes on. If it then does nothing but return the call's index, it makes no difference
 * whether the slot holds a program that returns the index, too: the array is a hook for captures.
 * If it does anything else, the array is a jump table, and a program in an empty slot would change
 * what happens to packets.
 *
 * Pure: works on instructions, and calls nothing of the system.
 */
#ifndef XDPSHARK_PROOF_H
#define XDPSHARK_PROOF_H

#include <glib.h>
#include <linux/bpf.h>

/* Indices that are looked at: 0 to this less 1, the XDP actions. No capture fills other slots. */
#define PROOF_INDICES 5

/* The more, the worse. */
typedef enum {
	PROOF_NONE,	 /* there is no call */
	PROOF_PROVEN,	 /* the index is returned, and nothing else is done */
	PROOF_UNDECIDED, /* it cannot be told, or what is done besides matters little */
	PROOF_DISPROVEN, /* something else is returned or done */
} ProofVerdict;

typedef enum {
	PROOF_RETURNS_INDEX,
	PROOF_RETURNS_OTHER,   /* `returned` for `index`, at `where` */
	PROOF_RETURNS_UNKNOWN, /* at `where`, for `index` */
	PROOF_WRITES,	       /* to the packet, or who knows where, at `where` */
	PROOF_WORKS,	       /* calls a helper or writes to a map, at `where` */
	PROOF_WORKS_AND_RETURNS_UNKNOWN,
	PROOF_CALLS_AGAIN,   /* with another index, or not known to be the same, at `where` */
	PROOF_CALLS_ANOTHER, /* the same index of another map, at `where` */
	PROOF_IN_CALLBACK,   /* the call is in a function that a helper calls */
	PROOF_TOO_COMPLEX,
	PROOF_TOO_LONG,
	PROOF_STRANGE, /* an instruction that is not known, at `where` */
} ProofReason;

/* A tail call. */
typedef struct {
	guint32 map_id; /* 0: it cannot be told which map it goes to, any of the program's */
	guint32 call;	/* number of the instruction, as `bpftool prog dump xlated` shows it */
	ProofVerdict verdict;
	ProofReason reason;
	guint32 where; /* number of the instruction that the reason is about */
	guint32 index;
	guint32 returned;
} ProofSite;

/* The tail calls of a program (ProofSite), given as BPF_OBJ_GET_INFO_BY_FD hands it out: as the
 * kernel's verifier has left it, with ids in the place of maps. One that can be called with none of
 * the indices is left out. What concerns the program as a whole is said as of a call at 0. */
GArray *proof_of_program(const struct bpf_insn *insns, gsize count);

#endif /* XDPSHARK_PROOF_H */
