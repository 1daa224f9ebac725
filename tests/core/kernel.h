/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Loads compiled programs into the running kernel and runs them over packets there. */
#ifndef TESTS_CORE_KERNEL_H
#define TESTS_CORE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cbpf/cbpf.h"

/* Sizes of Ethernet frames that BPF_PROG_TEST_RUN takes and that fit into the linear part. */
#define KERNEL_FRAME_LEAST 14
#define KERNEL_FRAME_MOST  3520

/* True if this process may load programs; if not, why. */
bool kernel_usable(char *why, size_t why_size);

/* Loads program, compiled for packet access, as an XDP program that returns its value. Returns a
 * file descriptor or -errno. The verifier's log goes to log, which may be NULL. */
int kernel_load(const struct cbpf_program *program, char *log, size_t log_size);

/* Closes the program, and waits if many are left to be freed (backlog.h). */
void kernel_unload(int program);

/* A map with one value of size bytes, for buffer access. Returns a file descriptor or -errno. */
int kernel_map(uint32_t size);
int kernel_map_write(int map, const void *value);

/* Like kernel_load(), for a program compiled for buffer access: the packet is the first min(length
 * of the frame, size) bytes of the map. */
int kernel_load_buffer(const struct cbpf_program *program, int map, uint32_t size, char *log,
		       size_t log_size);

/* The number of instructions that the verifier processed, according to its log; 0 if missing. */
uint64_t kernel_log_processed(const char *log);

/* Runs the program once over a frame; *ret_value is what it returned. Returns 0 or -errno. */
int kernel_run(int program, const void *frame, uint32_t length, uint32_t *ret_value);

#endif
