/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs eBPF instructions and checks each access: what the verifier proves, for one run. */
#ifndef TESTS_CORE_VM_H
#define TESTS_CORE_VM_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

struct vm_arguments {
	const uint8_t *bytes; /* the packet, or the buffer */
	uint32_t readable;    /* number of bytes that may be read */
	uint64_t second;      /* r2 for buffer access; the end of the packet if 0 */
	uint32_t length;      /* r3 */
	uint32_t ifindex, queue;
	uint32_t cpu; /* of bpf_get_smp_processor_id() */
};

struct vm_result {
	uint64_t value; /* r0 */
	uint64_t steps;
	const char *fault; /* NULL, or what the program did wrong */
	size_t at;	   /* index of the instruction at fault */
};

struct vm_result vm_run(const struct bpf_insn *insns, size_t count,
			const struct vm_arguments *arguments);

#endif
