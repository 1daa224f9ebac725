/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Numbers for the values that a program computes. Equal numbers mean equal values, because the
 * packet does not change while the program runs. */
#ifndef CBPF_VALUE_H
#define CBPF_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "graph.h"

enum value_kind {
	VALUE_CONSTANT, /* k */
	VALUE_LOAD,	/* size bytes at k */
	VALUE_LOAD_X,	/* size bytes at value a + k */
	VALUE_META,	/* enum meta k */
	VALUE_ALU,	/* value a, operation, value b */
	VALUE_UNKNOWN,	/* nothing is known but the range */
};

struct value {
	uint8_t kind;
	uint8_t detail; /* size or operation */
	uint32_t a, b, k;
	uint32_t low, high; /* range of the value, both ends included */
	uint8_t zeros;	    /* this many of its lowest bits are 0; at most 31 */
	uint32_t next;	    /* in the bucket */
};

struct value_table {
	struct value *values;
	uint32_t *buckets;
	uint32_t count, room, bucket_count;
	bool failed;	 /* memory ran out: the numbers cannot be used */
	uint64_t *steps; /* counts the values looked at */
};

/* *steps is counted up with the values looked at. Returns 0 or -ENOMEM. */
int value_table_start(struct value_table *table, uint64_t *steps);
void value_table_release(struct value_table *table);
/* Forgets all values. */
void value_table_clear(struct value_table *table);

uint32_t value_constant(struct value_table *table, uint32_t k);
uint32_t value_load(struct value_table *table, uint32_t k, uint8_t size);
uint32_t value_load_x(struct value_table *table, uint32_t x, uint32_t k, uint8_t size);
uint32_t value_meta(struct value_table *table, uint32_t meta);
/* alu is BPF_ADD ... BPF_XOR. The divisor of a division or modulo is known not to be 0. */
uint32_t value_alu(struct value_table *table, uint8_t alu, uint32_t a, uint32_t b);
uint32_t value_msh(struct value_table *table, uint32_t k);
/* A new number, equal to no other. */
uint32_t value_unknown(struct value_table *table, uint32_t low, uint32_t high);

/* True if value is a constant, stored in *ret_k. */
bool value_is_constant(const struct value_table *table, uint32_t value, uint32_t *ret_k);

/* What libpcap computes for "a alu b". */
uint32_t alu_compute(uint8_t alu, uint32_t a, uint32_t b);

#endif
