/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Linux's extensions to classic BPF: loads at negative offsets, and what they mean at XDP. */
#ifndef CBPF_EXTENSION_H
#define CBPF_EXTENSION_H

#include <stdint.h>

enum extension_form {
	EXTENSION_IMM,	 /* A = argument */
	EXTENSION_META,	 /* A = enum meta argument */
	EXTENSION_BYTES, /* A = the 16-bit field at offset argument */
	EXTENSION_XOR_X, /* A ^= X */
	EXTENSION_REFUSED,
};

struct extension {
	uint32_t k;
	uint8_t form;
	uint32_t argument;
	const char *text; /* EXTENSION_REFUSED: why */
};

/* The row for an absolute load at k, or NULL if k is not an extension. */
const struct extension *extension_find(uint32_t k);

/* The offset from the start of the packet that a load at k means: k itself, or what the kernel
 * takes it for if k is relative to SKF_NET_OFF or SKF_LL_OFF. */
uint32_t extension_offset(uint32_t k);

#endif
