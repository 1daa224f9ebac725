/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Compiles classic code and runs it in the interpreter, for one-line tests. */
#ifndef TESTS_CORE_MACHINE_H
#define TESTS_CORE_MACHINE_H

#include <glib.h>

#include "cbpf/cbpf.h"
#include "vm.h"

#define CODE(...)                                                                                  \
	(const struct sock_filter[])                                                               \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define CODE_LENGTH(...) (sizeof(CODE(__VA_ARGS__)) / sizeof(struct sock_filter))

/* The program, which must compile; to be freed with cbpf_program_free(). */
struct cbpf_program *machine_compile(const struct sock_filter *code, gsize length,
				     const struct cbpf_options *options);

/* The same for a filter that libpcap compiles, with its optimiser or without. */
struct cbpf_program *machine_filter(const gchar *expression, gboolean optimize);

/* The program's result for a whole packet; the run must be clean. */
struct vm_result machine_run(const struct cbpf_program *program, const guint8 *bytes,
			     guint32 length);

/* The same for a packet of length bytes, of which only the first readable ones can be accessed. */
struct vm_result machine_run_length(const struct cbpf_program *program, const guint8 *bytes,
				    guint32 readable, guint32 length);

/* The same for a buffer of size bytes, the first captured ones of which are the packet. */
struct vm_result machine_run_buffer(const struct cbpf_program *program, const guint8 *bytes,
				    guint32 captured, guint32 size, guint32 length);

/* The number of instructions of program with this opcode. */
gsize machine_count(const struct cbpf_program *program, guint8 opcode);

/* Where a frame was received: interface 7, queue 3, CPU 5. */
#define MACHINE_IFINDEX 7
#define MACHINE_QUEUE	3
#define MACHINE_CPU	5

#endif
