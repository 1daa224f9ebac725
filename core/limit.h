/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Limits that users of the library can run into; see also CBPF_INSNS_MAX and CBPF_STEPS_MAX in
 * cbpf.h. */
#ifndef CBPF_LIMITS_H
#define CBPF_LIMITS_H

/* Backward jumps that a program may make before it returns 0. Each header in a chain of IPv6
 * extension headers takes one. The verifier follows them all, and keeps at most 8192 branches for
 * later (BPF_COMPLEXITY_LIMIT_JMP_SEQ), some ten per round. */
#define CBPF_ROUNDS 512

/* Maximum offset from a packet pointer: the verifier's MAX_PACKET_OFF. */
#define CBPF_PACKET_BYTES 0xffff

/* Maximum size of a buffer: larger than any frame, and far below the verifier's BPF_MAX_VAR_OFF. */
#define CBPF_BUFFER_BYTES (1 << 20)

#endif
