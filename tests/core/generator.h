/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Makes classic programs and packets from a seed: the same ones on every machine. */
#ifndef TESTS_CORE_GENERATOR_H
#define TESTS_CORE_GENERATOR_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#define GENERATOR_INSNS 96
#define GENERATOR_BYTES 256

struct generator {
	uint64_t state;
};

void generator_seed(struct generator *generator, uint64_t seed);

/* A number below limit, which is not 0. */
uint32_t generator_number(struct generator *generator, uint32_t limit);

/* A program that libpcap defines completely: valid, no extension, no scratch word read before it
 * is written, no constant shift by 32 or more, forward jumps only. Returns its length. */
size_t generator_program(struct generator *generator, struct sock_filter code[GENERATOR_INSNS]);

/* Returns the packet's length. */
uint32_t generator_packet(struct generator *generator, uint8_t bytes[GENERATOR_BYTES]);

#endif
