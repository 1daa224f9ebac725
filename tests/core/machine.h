/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Compiles classic code and runs it in the interpreter, for tests of one line. */
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

/* What the program gives for a packet that is whole; the run must be clean. */
struct vm_result machine_run(const struct cbpf_program *program, const guint8 *bytes,
			     guint32 length);

/* Like that, for a packet of length bytes of which only the first can be reached. */
struct vm_result machine_run_length(const struct cbpf_program *program, const guint8 *bytes,
				    guint32 readable, guint32 length);

/* Like that, for a buffer of size bytes of which the packet fills the first. */
struct vm_result machine_run_buffer(const struct cbpf_program *program, const guint8 *bytes,
				    guint32 captured, guint32 size, guint32 length);

/* The number of instructions of program with this opcode. */
gsize machine_count(const struct cbpf_program *program, guint8 opcode);

/* A frame of the machine: interface 7, queue 3, CPU 5. */
#define MACHINE_IFINDEX 7
#define MACHINE_QUEUE	3
#define MACHINE_CPU	5

#endif
