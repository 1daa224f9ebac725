/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program does from a tail call that fails to its end, with one index after the other.
 */
#ifndef XDPSHARK_LEAVE_H
#define XDPSHARK_LEAVE_H

#include "flow.h"
#include "proof.h"

/* The kernel allows 8 functions to call each other. */
#define LEAVE_LEVELS 16

/* Where the program is when it leaves: the tail call at level 0, and in the function that called
 * that one's the call, and so on, to the program's own function. */
typedef struct {
	guint count;
	guint32 calls[LEAVE_LEVELS];
} LeaveChain;

/* Fills in the site: map, verdict and reason; PROOF_NONE if it is never called with any index.
 * *steps is what may be spent, and becomes less. */
void leave_look(const Code *code, const Flow *flow, const LeaveChain *chain, guint *steps,
		ProofSite *ret_site);

#endif /* XDPSHARK_LEAVE_H */
