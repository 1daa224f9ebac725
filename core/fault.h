/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Reports why a program is rejected. */
#ifndef CBPF_FAULT_H
#define CBPF_FAULT_H

#include "cbpf/cbpf.h"

/* Fills *error (NULL is allowed) for the classic instruction code[index], and returns the errno of
 * that kind. */
__attribute__((format(printf, 5, 6))) int fault_at(struct cbpf_error *error,
						   const struct sock_filter *code, size_t index,
						   enum cbpf_error_kind kind, const char *format,
						   ...);

/* The same for an error that concerns the whole program. */
__attribute__((format(printf, 3, 4))) int fault(struct cbpf_error *error, enum cbpf_error_kind kind,
						const char *format, ...);

#endif
