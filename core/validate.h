/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Checks that an array of instructions is a valid classic program. */
#ifndef CBPF_VALIDATE_H
#define CBPF_VALIDATE_H

#include "cbpf/cbpf.h"

/* Rejects what libpcap's bpf_validate() rejects, reachable or not, and programs that are too long.
 * Returns 0, or a negative errno with *error. */
int program_validate(const struct sock_filter *code, size_t length, struct cbpf_error *error);

#endif
