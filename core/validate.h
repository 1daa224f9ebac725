/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Checks that an array of instructions is a classic program. */
#ifndef CBPF_VALIDATE_H
#define CBPF_VALIDATE_H

#include "cbpf/cbpf.h"

/* Refuses what libpcap's bpf_validate() refuses, reachable or not, and what is too long. Returns 0,
 * or the number of the fault with *error. */
int program_validate(const struct sock_filter *code, size_t length, struct cbpf_error *error);

#endif
