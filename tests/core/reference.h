/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Runs a classic program in libpcap: the reference for ours. In a file of its own because <pcap.h>
 * and <linux/bpf.h> both define a struct bpf_insn. */
#ifndef TESTS_CORE_REFERENCE_H
#define TESTS_CORE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sock_filter;

/* bpf_filter(). */
uint32_t reference_run(const struct sock_filter *code, const uint8_t *bytes, uint32_t length,
		       uint32_t captured);

/* bpf_validate(). */
bool reference_valid(const struct sock_filter *code, size_t length);

/* pcap_compile() for Ethernet. Returns the number of instructions in *ret_code, to be freed with
 * free(), or 0 with libpcap's message in why (256 bytes). */
size_t reference_compile(const char *expression, bool optimize, struct sock_filter **ret_code,
			 char *why);

#endif
