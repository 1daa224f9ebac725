/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether an XDP program leaves its packet as it is: it neither writes to it nor lets anybody else
 * do so, and moves neither its beginning nor its end.
 *
 * Pure: works on instructions, and makes no system calls.
 */
#ifndef XDPSHARK_PACKET_H
#define XDPSHARK_PACKET_H

#include <glib.h>
#include <linux/bpf.h>

/* Names of the kernel's functions that a program may hand its packet or context to, NULL at the
 * end: they only read. */
extern const char *const packet_readers[];
/* Their number, at most. */
#define PACKET_READERS 64

/* TRUE if that is certain. insns are those of BPF_OBJ_GET_INFO_BY_FD, as rewritten by the kernel's
 * verifier; readers: how they call the packet_readers (imm). */
gboolean packet_is_left(const struct bpf_insn *insns, gsize count, const gint32 *readers,
			gsize reader_count);

#endif /* XDPSHARK_PACKET_H */
