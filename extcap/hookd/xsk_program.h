/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs that watch what AF_XDP sockets send (bpf/xsk.bpf.c).
 */
#ifndef XDPSHARK_XSK_PROGRAM_H
#define XDPSHARK_XSK_PROGRAM_H

#include "program_set.h"
#include "trace.h"

/* Packets of this device alone count. */
typedef struct {
	guint32 ifindex;
	guint64 namespace_cookie;
	guint64 namespace; /* its inode, for kernels without cookies */
} XskTarget;

ProgramSet *xsk_program_load(const ProgramRequest *request, const XskTarget *target,
			     GError **error);

/* From now on packets of that device count. */
void xsk_program_watch(const ProgramSet *set, const XskTarget *target);

#endif /* XDPSHARK_XSK_PROGRAM_H */
