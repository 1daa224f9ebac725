/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs a classic program in libpcap: the reference for ours. */
#include "reference.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN 262144

/* libpcap deprecates bpf_filter() from 1.11 on, because it does not check bounds; but it is what
 * its users capture with. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

uint32_t reference_run(const struct sock_filter *code, const uint8_t *bytes, uint32_t length,
		       uint32_t captured)
{
	/* Both structs are { u16, u8, u8, u32 }. */
	return bpf_filter((const struct bpf_insn *)(const void *)code, bytes, length, captured);
}

bool reference_valid(const struct sock_filter *code, size_t length)
{
	return bpf_validate((const struct bpf_insn *)(const void *)code, (int)length) != 0;
}

size_t reference_compile(const char *expression, bool optimize, struct sock_filter **ret_code,
			 char *why)
{
	pcap_t *handle = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	struct bpf_program program;
	size_t length;
	struct bpf_insn *memory;

	if (!handle)
		return 0;
	if (pcap_compile(handle, &program, expression, optimize, PCAP_NETMASK_UNKNOWN)) {
		snprintf(why, 256, "%s", pcap_geterr(handle));
		pcap_close(handle);
		return 0;
	}
	length = program.bf_len;
	memory = malloc(length * sizeof(struct bpf_insn));
	*ret_code = (struct sock_filter *)(void *)memory;
	if (memory)
		memcpy(memory, program.bf_insns, length * sizeof(struct bpf_insn));
	pcap_freecode(&program);
	pcap_close(handle);
	return memory ? length : 0;
}
