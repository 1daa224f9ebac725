/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What traced.bpf.c does with a packet, and the test knows. */
#ifndef TRACED_H
#define TRACED_H

enum {
	TRACED_PASS,
	TRACED_DROP,
	TRACED_REWRITE,
	TRACED_PUSH,
	TRACED_CUT,
	TRACED_DEVMAP,
	TRACED_CPUMAP,
	TRACED_INDEX,
	TRACED_TAIL_CALL,
	TRACED_ODD,
	TRACED_KINDS,
};

#define TRACED_REWRITTEN   20 /* offset of the byte that becomes 0xee */
#define TRACED_PUSHED	   4  /* bytes of 0xaa */
#define TRACED_CUT_OFF	   8
#define TRACED_KEY	   1
#define TRACED_ODD_VERDICT 77

#endif /* TRACED_H */
