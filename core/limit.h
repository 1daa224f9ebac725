/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Bounds of the library that its users can meet. */
#ifndef CBPF_LIMITS_H
#define CBPF_LIMITS_H

/* Backward jumps that a program may make before it returns 0. Of a chain of IPv6 extension headers
 * each takes one; the verifier walks each of them, and has at most 8192 branches open at a time
 * (BPF_COMPLEXITY_LIMIT_JMP_SEQ), some ten a round. */
#define CBPF_ROUNDS 512

/* Bytes in reach of a packet pointer: MAX_PACKET_OFF of the verifier. */
#define CBPF_PACKET_BYTES 0xffff

/* Bytes of a buffer: more than any frame has, and far below the verifier's BPF_MAX_VAR_OFF. */
#define CBPF_BUFFER_BYTES (1 << 20)

#endif
