/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* libFuzzer target: any bytes as a classic program. The compiler must not crash, nor use unbounded
 * time or memory. The result must not touch a byte that it must not, and must give libpcap's result
 * where that is defined. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "vm.h"

#define INSNS_MOST   2048
#define PACKET_BYTES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const struct cbpf_program *program, const uint8_t *bytes, uint64_t second)
{
	struct vm_arguments arguments = {
		.bytes = bytes, .readable = PACKET_BYTES, .second = second, .length = PACKET_BYTES
	};
	const struct bpf_insn *insns;
	struct vm_result result;
	size_t count;

	insns = cbpf_program_insns(program, &count);
	result = vm_run(insns, count, &arguments);
	if (result.fault || result.value > UINT32_MAX)
		abort();
}

/* The first byte selects the access, the next ones are the packet, the rest is code. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cbpf_options options = { .size = sizeof(options), .buffer_size = PACKET_BYTES };
	struct sock_filter *code;
	struct cbpf_program *program = NULL;
	struct cbpf_error error;
	uint8_t bytes[PACKET_BYTES];
	size_t length;

	if (size < 1 + PACKET_BYTES)
		return 0;
	options.access = data[0] & 1 ? CBPF_ACCESS_BUFFER : CBPF_ACCESS_PACKET;
	memcpy(bytes, data + 1, PACKET_BYTES);
	length = (size - 1 - PACKET_BYTES) / sizeof(*code);
	if (length > INSNS_MOST)
		return 0;
	code = malloc(length * sizeof(*code) + 1);
	if (!code)
		return 0;
	memcpy(code, data + 1 + PACKET_BYTES, length * sizeof(*code));
	if (cbpf_compile(code, length, &options, &program, &error) == 0)
		run(program, bytes, data[0] & 1 ? data[0] % PACKET_BYTES + 1 : 0);
	cbpf_program_free(program);
	free(code);
	return 0;
}
