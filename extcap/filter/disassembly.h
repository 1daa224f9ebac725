/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * eBPF instructions as text, in the notation of the kernel's verifier and of llvm-objdump.
 */
#ifndef XDPSHARK_DISASSEMBLY_H
#define XDPSHARK_DISASSEMBLY_H

#include <glib.h>

struct bpf_insn;

/* "w0 = *(u16 *)(r1 +12)". Free with g_free(). */
char *disassembly_format(const struct bpf_insn *insn);

#endif /* XDPSHARK_DISASSEMBLY_H */
