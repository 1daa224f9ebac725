/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* What is known at a point of the program, whichever path led there. */
#include "state.h"

#include <linux/filter.h>
#include <string.h>

void state_start(struct state *state, struct value_table *table)
{
	uint32_t zero = value_constant(table, 0);

	memset(state, 0, sizeof(*state));
	for (int i = 0; i < PLACE_COUNT; i++)
		state->places[i] = zero;
}

void state_forget(struct state *state, struct value_table *table, uint32_t live)
{
	uint32_t unread = value_unknown(table, 0, UINT32_MAX);

	memset(state, 0, sizeof(*state));
	for (int i = 0; i < PLACE_COUNT; i++) {
		state->places[i] = unread;
		if (live & PLACE_BIT(i))
			state->places[i] = value_unknown(table, 0, UINT32_MAX);
	}
}

static struct fact *fact_find(const struct state *state, uint32_t value)
{
	for (uint32_t i = 0; i < state->fact_count; i++) {
		if (state->facts[i].value == value)
			return (struct fact *)&state->facts[i];
	}
	return NULL;
}

static void fact_remove(struct state *state, uint32_t index)
{
	state->fact_count--;
	memmove(&state->facts[index], &state->facts[index + 1],
		(state->fact_count - index) * sizeof(state->facts[0]));
}

/* Makes room for another fact: drops the oldest one, and exact values last. */
static void fact_evict(struct state *state)
{
	for (uint32_t i = 0; i < state->fact_count; i++) {
		if (state->facts[i].low != state->facts[i].high) {
			fact_remove(state, i);
			return;
		}
	}
	fact_remove(state, 0);
}

static struct fact *fact_need(struct state *state, const struct value_table *table, uint32_t value)
{
	struct fact *fact = fact_find(state, value);

	if (fact)
		return fact;
	if (state->fact_count == STATE_FACTS)
		fact_evict(state);
	fact = &state->facts[state->fact_count++];
	*fact = (struct fact){ .value = value,
			       .low = table->values[value].low,
			       .high = table->values[value].high };
	return fact;
}

static bool fact_excludes(const struct fact *fact, uint32_t k)
{
	for (uint32_t i = 0; i < fact->excluded_count; i++) {
		if (fact->excluded[i] == k)
			return true;
	}
	return k < fact->low || k > fact->high;
}

static void fact_exclude(struct fact *fact, uint32_t k)
{
	if (fact_excludes(fact, k))
		return;
	if (fact->excluded_count == STATE_EXCLUSIONS) {
		memmove(&fact->excluded[0], &fact->excluded[1],
			(STATE_EXCLUSIONS - 1) * sizeof(fact->excluded[0]));
		fact->excluded_count--;
	}
	fact->excluded[fact->excluded_count++] = k;
}

/* Trims the ends of the range that the value cannot have. A comparison with only one outcome must
 * not be emitted (see cases_complete()), and the verifier also knows which bits are 0. */
static void fact_tighten(struct fact *fact, const struct value *value)
{
	uint32_t unit = 1u << value->zeros;

	for (uint32_t i = 0; i <= fact->excluded_count && fact->low < fact->high; i++) {
		if ((fact->low & (unit - 1)) && fact->low <= UINT32_MAX - unit)
			fact->low = (fact->low | (unit - 1)) + 1;
		fact->high &= ~(unit - 1);
		if (fact->low > fact->high || fact->high - fact->low < unit)
			break;
		if (fact_excludes(fact, fact->low))
			fact->low += unit;
		if (fact->high - fact->low >= unit && fact_excludes(fact, fact->high))
			fact->high -= unit;
	}
}

/* Weakens *fact to a range that also holds in *other. Exclusions are dropped: no program was found
 * that needs them after a join. */
static void fact_join(struct fact *fact, const struct fact *other)
{
	fact->excluded_count = 0;
	if (other->low < fact->low)
		fact->low = other->low;
	if (other->high > fact->high)
		fact->high = other->high;
}

static void join_places(struct state *state, const struct state *other, struct value_table *table)
{
	for (int i = 0; i < PLACE_COUNT; i++) {
		uint32_t mine = state->places[i];
		uint32_t low, high, other_low, other_high;

		if (mine == other->places[i])
			continue;
		state_range(state, table, mine, &low, &high);
		state_range(other, table, other->places[i], &other_low, &other_high);
		if (other_low < low)
			low = other_low;
		if (other_high > high)
			high = other_high;
		state->places[i] = value_unknown(table, low, high);
	}
}

void state_join(struct state *state, const struct state *other, struct value_table *table)
{
	uint32_t kept = 0;

	join_places(state, other, table);
	if (other->length < state->length)
		state->length = other->length;
	for (uint32_t i = 0; i < state->check_count; i++) {
		uint32_t k = state_checked(other, state->checks[i].value);

		if (k == 0)
			continue;
		if (k > state->checks[i].k)
			k = state->checks[i].k;
		state->checks[kept].value = state->checks[i].value;
		state->checks[kept++].k = k;
	}
	state->check_count = kept;
	kept = 0;
	for (uint32_t i = 0; i < state->fact_count; i++) {
		struct fact fact = state->facts[i];
		const struct fact *theirs = fact_find(other, fact.value);

		if (!theirs)
			continue;
		fact_join(&fact, theirs);
		state->facts[kept++] = fact;
	}
	state->fact_count = kept;
	if (other->pair.possible && other->pair.a == state->pair.a &&
	    other->pair.x == state->pair.x && state->pair.possible)
		state->pair.possible |= other->pair.possible;
	else
		state->pair.possible = 0;
}

void state_range(const struct state *state, const struct value_table *table, uint32_t value,
		 uint32_t *ret_low, uint32_t *ret_high)
{
	const struct fact *fact = fact_find(state, value);

	*ret_low = fact ? fact->low : table->values[value].low;
	*ret_high = fact ? fact->high : table->values[value].high;
}

int state_decide(const struct state *state, const struct value_table *table, uint8_t test,
		 uint32_t value, uint32_t k)
{
	const struct fact *fact = fact_find(state, value);
	uint32_t low, high;

	state_range(state, table, value, &low, &high);
	switch (test) {
	case BPF_JEQ:
		if (k < low || k > high || (fact && fact_excludes(fact, k)) ||
		    (k & ((1u << table->values[value].zeros) - 1)))
			return 0;
		return low == high ? 1 : -1;
	case BPF_JGT:
		if (high <= k)
			return 0;
		return low > k ? 1 : -1;
	default: /* BPF_JGE */
		if (high < k)
			return 0;
		return low >= k ? 1 : -1;
	}
}

void state_learn(struct state *state, const struct value_table *table, uint8_t test, uint32_t value,
		 uint32_t k, bool outcome)
{
	struct fact *fact = fact_need(state, table, value);

	if (test == BPF_JEQ) {
		if (outcome) {
			fact->low = fact->high = k;
			fact->excluded_count = 0;
		} else {
			fact_exclude(fact, k);
			fact_tighten(fact, &table->values[value]);
		}
		return;
	}
	/* value > k is value >= k + 1. k is not UINT32_MAX: that comparison has been decided. */
	if (test == BPF_JGT)
		k++;
	if (outcome && fact->low < k)
		fact->low = k;
	if (!outcome && k > 0 && fact->high > k - 1)
		fact->high = k - 1;
	fact_tighten(fact, &table->values[value]);
}

/* The possible relations of value to x if the test holds. */
static uint8_t test_relations(uint8_t test)
{
	if (test == BPF_JEQ)
		return RELATION_EQUAL;
	return test == BPF_JGT ? RELATION_GREATER : RELATION_GREATER | RELATION_EQUAL;
}

int state_decide_pair(const struct state *state, const struct value_table *table, uint8_t test,
		      uint32_t value, uint32_t x)
{
	uint8_t holds = test_relations(test);
	uint8_t possible = RELATION_LESS | RELATION_EQUAL | RELATION_GREATER;
	uint32_t low, high, x_low, x_high;

	if (state->pair.possible && state->pair.a == value && state->pair.x == x)
		possible = state->pair.possible;
	state_range(state, table, value, &low, &high);
	state_range(state, table, x, &x_low, &x_high);
	if (low >= x_high)
		possible &= (uint8_t)~RELATION_LESS;
	if (high <= x_low)
		possible &= (uint8_t)~RELATION_GREATER;
	if (low > x_high || high < x_low)
		possible &= (uint8_t)~RELATION_EQUAL;
	if (!(possible & holds))
		return 0;
	return possible & ~holds ? -1 : 1;
}

void state_learn_pair(struct state *state, uint8_t test, uint32_t value, uint32_t x, bool outcome)
{
	uint8_t all = RELATION_LESS | RELATION_EQUAL | RELATION_GREATER;
	uint8_t relations = test_relations(test);

	if (!outcome)
		relations = all & (uint8_t)~relations;
	if (state->pair.possible && state->pair.a == value && state->pair.x == x)
		relations &= state->pair.possible;
	state->pair.a = value;
	state->pair.x = x;
	state->pair.possible = relations;
}

uint32_t state_checked(const struct state *state, uint32_t value)
{
	for (uint32_t i = 0; i < state->check_count; i++) {
		if (state->checks[i].value == value)
			return state->checks[i].k;
	}
	return 0;
}

void state_learn_check(struct state *state, uint32_t value, uint32_t k)
{
	uint32_t index = 0;

	while (index < state->check_count && state->checks[index].value != value)
		index++;
	if (index == STATE_CHECKS) {
		memmove(&state->checks[0], &state->checks[1],
			(STATE_CHECKS - 1) * sizeof(state->checks[0]));
		index--;
		state->checks[index].k = 0;
	} else if (index == state->check_count) {
		state->checks[index].k = 0;
		state->check_count++;
	}
	state->checks[index].value = value;
	if (k > state->checks[index].k)
		state->checks[index].k = k;
}
