/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* What is known at a point of the program, whichever path led there. */
#ifndef CBPF_STATE_H
#define CBPF_STATE_H

#include "graph.h"
#include "value.h"

#define STATE_FACTS	 12
#define STATE_EXCLUSIONS 5
#define STATE_CHECKS	 4

/* Possible relations of two values. */
#define RELATION_LESS	 1u
#define RELATION_EQUAL	 2u
#define RELATION_GREATER 4u

/* A value lies in a range and is not one of some constants. */
struct fact {
	uint32_t value;
	uint32_t low, high;
	uint32_t excluded[STATE_EXCLUSIONS];
	uint32_t excluded_count;
};

struct state {
	uint32_t places[PLACE_COUNT]; /* value numbers */
	uint32_t length;	      /* the packet has at least this many bytes */
	struct {
		uint32_t value, k; /* the packet has at least value + k bytes */
	} checks[STATE_CHECKS];
	uint32_t check_count;
	struct fact facts[STATE_FACTS];
	uint32_t fact_count;
	struct {
		uint32_t a, x;
		uint8_t possible; /* RELATION_LESS, ... of a to x; 0: nothing is known */
	} pair;			  /* the two values compared last */
};

/* A, X and M[] are 0, nothing else is known. */
void state_start(struct state *state, struct value_table *table);

/* Nothing is known, as at the head of a loop. Only the places in live get values of their own. */
void state_forget(struct state *state, struct value_table *table, uint32_t live);

/* Weakens *state to what also holds in *other. */
void state_join(struct state *state, const struct state *other, struct value_table *table);

void state_range(const struct state *state, const struct value_table *table, uint32_t value,
		 uint32_t *ret_low, uint32_t *ret_high);

/* 1 if "value test k" holds, 0 if it does not, -1 if unknown. test is BPF_JEQ, BPF_JGT or
 * BPF_JGE. */
int state_decide(const struct state *state, const struct value_table *table, uint8_t test,
		 uint32_t value, uint32_t k);

/* Notes the outcome of "value test k". */
void state_learn(struct state *state, const struct value_table *table, uint8_t test, uint32_t value,
		 uint32_t k, bool outcome);

/* The same for "value test x", two values. */
int state_decide_pair(const struct state *state, const struct value_table *table, uint8_t test,
		      uint32_t value, uint32_t x);
void state_learn_pair(struct state *state, uint8_t test, uint32_t value, uint32_t x, bool outcome);

/* The number of bytes from value on that the packet is known to have. */
uint32_t state_checked(const struct state *state, uint32_t value);
void state_learn_check(struct state *state, uint32_t value, uint32_t k);

#endif
