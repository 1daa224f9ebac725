/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program does after a tail call that failed, up to its end, for each index.
 */
#ifndef XDPSHARK_LEAVE_H
#define XDPSHARK_LEAVE_H

#include "flow.h"
#include "proof.h"

/* The kernel allows 8 functions to call each other. */
#define LEAVE_LEVELS 16

/* The call stack when a program leaves: the tail call at level 0, the call in the caller of its
 * function at level 1, and so on up to the program's main function. */
typedef struct {
	guint count;
	guint32 calls[LEAVE_LEVELS];
} LeaveChain;

/* Fills in the site's map, verdict and reason; PROOF_NONE if it is never called with any of the
 * indices. *steps is the budget, and is counted down. */
void leave_look(const Code *code, const Flow *flow, const LeaveChain *chain, guint *steps,
		ProofSite *ret_site);

#endif /* XDPSHARK_LEAVE_H */
