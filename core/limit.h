/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Limits of the library that its users can meet; those of the compiler's work are in cbpf.h. */
#ifndef CBPF_LIMITS_H
#define CBPF_LIMITS_H

/* Backward jumps that a program may make before it returns 0. Each header of a chain of IPv6
 * extension headers takes one. The verifier follows each of them, and keeps at most 8192 branches
 * for later (BPF_COMPLEXITY_LIMIT_JMP_SEQ), some ten a round. */
#define CBPF_ROUNDS 512

/* Bytes within reach of a packet pointer: the verifier's MAX_PACKET_OFF. */
#define CBPF_PACKET_BYTES 0xffff

/* Bytes of a buffer: more than any frame has, and far below the verifier's BPF_MAX_VAR_OFF. */
#define CBPF_BUFFER_BYTES (1 << 20)

#endif
