/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rewrite.bpf.c does with a packet, by its UDP port, and rewrite.c knows. */
#ifndef REWRITE_H
#define REWRITE_H

#define REWRITE_PORT 2000 /* that of the first kind */

enum {
	REWRITE_PASS,
	REWRITE_DROP,
	REWRITE_ABORT,
	REWRITE_NAT,
	REWRITE_PUSH, /* a VLAN tag */
	REWRITE_POP,
	REWRITE_WRAP,	/* an outer IP header */
	REWRITE_UNWRAP, /* that much taken from the head */
	REWRITE_CUT,	/* at the tail */
	REWRITE_GROW,	/* at the tail */
	REWRITE_CHAIN,	/* four programs, by tail calls */
	REWRITE_SELF,	/* a tail call to itself */
	REWRITE_NOWHERE /* a tail call that fails */,
	REWRITE_DEVMAP,
	REWRITE_CPUMAP,
	REWRITE_XSKMAP,
	REWRITE_INDEX, /* redirected without a map */
	REWRITE_KINDS,
};

/* Slots of the program array; there is one more, which stays empty. */
enum { STAGE_TWO, STAGE_THREE, STAGE_LAST, STAGE_ROOT, STAGE_EMPTY, STAGES };

/* Behind the headers: what the stages of tail calls leave. */
#define REWRITE_PAYLOAD 42
#define REWRITE_TAG	4
#define REWRITE_OUTER	20
#define REWRITE_CUT_OFF 8
#define REWRITE_GROWN	16

#endif /* REWRITE_H */
