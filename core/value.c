/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Numbers for the values that a program computes. */
#include "value.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM    256u
#define FIRST_BUCKETS 256u
#define NO_VALUE      UINT32_MAX

int value_table_start(struct value_table *table, uint64_t *steps)
{
	*table = (struct value_table){ .room = FIRST_ROOM,
				       .bucket_count = FIRST_BUCKETS,
				       .steps = steps };
	table->values = calloc(table->room, sizeof(*table->values));
	table->buckets = malloc(table->bucket_count * sizeof(*table->buckets));
	if (!table->values || !table->buckets) {
		value_table_release(table);
		return -ENOMEM;
	}
	value_table_clear(table);
	return 0;
}

void value_table_clear(struct value_table *table)
{
	table->count = 0;
	memset(table->buckets, 0xff, table->bucket_count * sizeof(*table->buckets));
}

void value_table_release(struct value_table *table)
{
	free(table->values);
	free(table->buckets);
	*table = (struct value_table){ 0 };
}

static uint32_t value_hash(const struct value *value)
{
	uint32_t hash = value->kind * 31u + value->detail;

	hash = (hash ^ value->a) * 0x9e3779b1u;
	hash = (hash ^ (hash >> 15) ^ value->b) * 0x85ebca6bu;
	hash = (hash ^ (hash >> 13) ^ value->k) * 0xc2b2ae35u;
	return hash ^ (hash >> 16);
}

static bool table_grow(struct value_table *table)
{
	uint32_t bucket_count = table->bucket_count * 2;
	uint32_t room = table->room * 2;
	struct value *values;
	uint32_t *buckets;

	if (room <= table->room) /* overflow */
		return false;
	values = realloc(table->values, (size_t)room * sizeof(*values));
	if (!values)
		return false;
	table->values = values;
	table->room = room;
	buckets = malloc(bucket_count * sizeof(*buckets));
	if (!buckets)
		return false;
	memset(buckets, 0xff, bucket_count * sizeof(*buckets));
	for (uint32_t i = 0; i < table->count; i++) {
		uint32_t *bucket = &buckets[value_hash(&values[i]) & (bucket_count - 1)];

		values[i].next = *bucket;
		*bucket = i;
	}
	free(table->buckets);
	table->buckets = buckets;
	table->bucket_count = bucket_count;
	return true;
}

static uint32_t value_find(struct value_table *table, const struct value *wanted)
{
	uint32_t bucket = value_hash(wanted) & (table->bucket_count - 1);
	struct value *value;

	for (uint32_t i = table->buckets[bucket]; i != NO_VALUE; i = table->values[i].next) {
		value = &table->values[i];
		++*table->steps;
		if (value->kind == wanted->kind && value->detail == wanted->detail &&
		    value->a == wanted->a && value->b == wanted->b && value->k == wanted->k)
			return i;
	}
	if (table->count == table->room) {
		if (!table_grow(table)) {
			table->failed = true;
			return 0;
		}
		bucket = value_hash(wanted) & (table->bucket_count - 1);
	}
	table->values[table->count] = *wanted;
	table->values[table->count].next = table->buckets[bucket];
	table->buckets[bucket] = table->count;
	return table->count++;
}

static uint8_t count_zeros(uint32_t k)
{
	return k ? (uint8_t)__builtin_ctz(k) : 31;
}

uint32_t value_constant(struct value_table *table, uint32_t k)
{
	struct value value = {
		.kind = VALUE_CONSTANT, .k = k, .low = k, .high = k, .zeros = count_zeros(k)
	};

	return value_find(table, &value);
}

static uint32_t size_mask(uint8_t size)
{
	return size == 4 ? UINT32_MAX : (1u << (8 * size)) - 1;
}

uint32_t value_load(struct value_table *table, uint32_t k, uint8_t size)
{
	struct value value = {
		.kind = VALUE_LOAD, .detail = size, .k = k, .high = size_mask(size)
	};

	return value_find(table, &value);
}

uint32_t value_load_x(struct value_table *table, uint32_t x, uint32_t k, uint8_t size)
{
	struct value value = {
		.kind = VALUE_LOAD_X, .detail = size, .a = x, .k = k, .high = size_mask(size)
	};

	return value_find(table, &value);
}

uint32_t value_meta(struct value_table *table, uint32_t meta)
{
	struct value value = { .kind = VALUE_META, .k = meta, .high = UINT32_MAX };

	/* Every random number is a new one. */
	if (meta == META_RANDOM)
		return value_unknown(table, 0, UINT32_MAX);
	return value_find(table, &value);
}

uint32_t value_unknown(struct value_table *table, uint32_t low, uint32_t high)
{
	struct value value = { .kind = VALUE_UNKNOWN, .k = table->count, .low = low, .high = high };

	return value_find(table, &value);
}

bool value_is_constant(const struct value_table *table, uint32_t value, uint32_t *ret_k)
{
	if (table->values[value].kind != VALUE_CONSTANT)
		return false;
	*ret_k = table->values[value].k;
	return true;
}

uint32_t alu_compute(uint8_t alu, uint32_t a, uint32_t b)
{
	switch (alu) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_MOD:
		return b ? a % b : 0;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return b < 32 ? a << b : 0;
	case BPF_RSH:
		return b < 32 ? a >> b : 0;
	default: /* BPF_NEG */
		return 0u - a;
	}
}

/* Sets all bits below the highest bit set in k. */
static uint32_t fill_ones(uint32_t k)
{
	k |= k >> 1;
	k |= k >> 2;
	k |= k >> 4;
	k |= k >> 8;
	return k | k >> 16;
}

/* The range of "a alu b", from the ranges of both. */
static void alu_range(uint8_t alu, const struct value *a, const struct value *b,
		      struct value *result)
{
	uint64_t high;

	result->low = 0;
	result->high = UINT32_MAX;
	switch (alu) {
	case BPF_ADD:
		high = (uint64_t)a->high + b->high;
		if (high <= UINT32_MAX) {
			result->low = a->low + b->low;
			result->high = (uint32_t)high;
		}
		return;
	case BPF_MUL:
		high = (uint64_t)a->high * b->high;
		if (high <= UINT32_MAX) {
			result->low = a->low * b->low;
			result->high = (uint32_t)high;
		}
		return;
	case BPF_SUB:
		if (a->low >= b->high) {
			result->low = a->low - b->high;
			result->high = a->high - b->low;
		}
		return;
	case BPF_AND:
		result->high = a->high < b->high ? a->high : b->high;
		return;
	case BPF_OR:
	case BPF_XOR:
		result->high = fill_ones(a->high | b->high);
		return;
	case BPF_LSH:
		if (b->low == b->high && b->low < 32 && a->high <= UINT32_MAX >> b->low) {
			result->low = a->low << b->low;
			result->high = a->high << b->low;
		}
		return;
	case BPF_RSH:
		result->high = alu_compute(alu, a->high, b->low);
		return;
	case BPF_DIV:
		result->high = b->low ? a->high / b->low : a->high;
		return;
	case BPF_MOD:
		result->high = b->high && b->high - 1 < a->high ? b->high - 1 : a->high;
		return;
	default:
		return;
	}
}

/* How many of the lowest bits of "a alu b" are 0. */
static uint8_t alu_zeros(uint8_t alu, const struct value *a, const struct value *b)
{
	uint32_t shift = b->low == b->high ? b->low : 0;
	uint32_t zeros;

	switch (alu) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_OR:
	case BPF_XOR:
		return a->zeros < b->zeros ? a->zeros : b->zeros;
	case BPF_AND:
		return a->zeros > b->zeros ? a->zeros : b->zeros;
	case BPF_MUL:
		zeros = (uint32_t)a->zeros + b->zeros;
		return zeros < 31 ? (uint8_t)zeros : 31;
	case BPF_LSH:
		return shift < 31u - a->zeros ? (uint8_t)(a->zeros + shift) : 31;
	default:
		return 0;
	}
}

/* True if "a alu k" equals a for every a in its range. */
static bool alu_keeps(const struct value *a, uint8_t alu, uint32_t k)
{
	switch (alu) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_OR:
	case BPF_XOR:
	case BPF_LSH:
	case BPF_RSH:
		return k == 0;
	case BPF_MUL:
	case BPF_DIV:
		return k == 1;
	case BPF_AND:
		return (k & (k + 1)) == 0 && a->high <= k;
	default:
		return false;
	}
}

uint32_t value_alu(struct value_table *table, uint8_t alu, uint32_t a, uint32_t b)
{
	struct value value = { .kind = VALUE_ALU, .detail = alu, .a = a, .b = b };
	uint32_t k;
	uint32_t left;

	if (value_is_constant(table, b, &k)) {
		if (value_is_constant(table, a, &left))
			return value_constant(table, alu_compute(alu, left, k));
		if (alu_keeps(&table->values[a], alu, k))
			return a;
		if ((alu == BPF_AND || alu == BPF_MUL) && k == 0)
			return b;
		if ((alu == BPF_LSH || alu == BPF_RSH) && k >= 32)
			return value_constant(table, 0);
	}
	alu_range(alu, &table->values[a], &table->values[b], &value);
	value.zeros = alu_zeros(alu, &table->values[a], &table->values[b]);
	return value_find(table, &value);
}

uint32_t value_msh(struct value_table *table, uint32_t k)
{
	uint32_t byte = value_load(table, k, 1);
	uint32_t nibble = value_alu(table, BPF_AND, byte, value_constant(table, 15));

	return value_alu(table, BPF_LSH, nibble, value_constant(table, 2));
}
