// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tournament of the rings' next packets: a binary tree whose leaves are the rings and whose inner
 * nodes each keep the later one of the two that met there. The winner is the oldest of all. When
 * its ring goes on to its next packet, that one meets those on the path from its leaf to the root
 * again: seven for a hundred rings.
 *
 * The oldest of those that the winner beat is how long it stays the winner: up to there its packets
 * are taken without a look at the tree. Packets come in bursts on each CPU.
 */
#include "merge.h"

typedef struct {
	Ring ring;
	guint session;
} Entrant;

typedef struct {
	guint64 time;
	gsize entrant;
} Entry;

struct Merge {
	GArray *entrants; /* Entrant */
	gsize leaves;	  /* a power of 2: those without a ring are always empty */
	Entry *losers;	  /* by node: the root is 1, the children of n are 2n and 2n + 1 */
	Entry winner;
	Entrant *active; /* the winner's, whose packet was returned last; or NULL */
	guint64 limit;	 /* it stays the winner up to this time */
	guint64 horizon; /* nothing later is returned before the next look */
	PaceLoad load;
	RingPacket packet;
};

Merge *merge_new(void)
{
	Merge *merge = g_new0(Merge, 1);

	merge->entrants = g_array_new(FALSE, TRUE, sizeof(Entrant));
	merge->winner.time = RING_EMPTY;
	return merge;
}

void merge_free(Merge *merge)
{
	if (!merge)
		return;
	g_array_unref(merge->entrants);
	g_free(merge->losers);
	g_free(merge);
}

static Entrant *entrant_at(const Merge *merge, gsize index)
{
	return &g_array_index(merge->entrants, Entrant, index);
}

void merge_add(Merge *merge, const Ring *ring, guint session)
{
	const Entrant entrant = { *ring, session };

	g_array_append_val(merge->entrants, entrant);
	merge->leaves = MAX(merge->leaves, 1);
	while (merge->leaves < merge->entrants->len)
		merge->leaves *= 2;
	merge->losers = g_renew(Entry, merge->losers, merge->leaves);
	merge->winner.time =
		RING_EMPTY;   /* the tree has another form: nothing before the next look */
	merge->active = NULL; /* the array may have moved */
}

guint merge_rings(const Merge *merge)
{
	return merge->entrants->len;
}

/* Leaves the later one at the node, and returns the other. Without a branch: which one it is cannot
 * be foretold. */
static Entry play(Merge *merge, gsize node, Entry challenger)
{
	Entry *there = &merge->losers[node];
	guint64 mask = -(guint64)(there->time < challenger.time);
	Entry change = { (there->time ^ challenger.time) & mask,
			 (there->entrant ^ challenger.entrant) & mask };

	there->time ^= change.time;
	there->entrant ^= change.entrant;
	return (Entry){ challenger.time ^ change.time, challenger.entrant ^ change.entrant };
}

/* Plays the whole tournament below a node; returns the winner. */
static Entry play_below(Merge *merge, gsize node)
{
	Entry left, right;

	if (node >= merge->leaves) {
		gsize entrant = node - merge->leaves;
		guint64 time = entrant < merge->entrants->len
				       ? entrant_at(merge, entrant)->ring.time
				       : RING_EMPTY;

		return (Entry){ time, entrant };
	}
	left = play_below(merge, 2 * node);
	right = play_below(merge, 2 * node + 1);
	merge->losers[node] = right;
	return play(merge, node, left);
}

void merge_look(Merge *merge, guint64 horizon)
{
	merge->horizon = MIN(horizon, RING_EMPTY - 1);
	merge->active = NULL;
	merge->load = (PaceLoad){ 0 };
	if (merge->entrants->len == 0)
		return;
	for (guint i = 0; i < merge->entrants->len; i++) {
		Ring *ring = &entrant_at(merge, i)->ring;
		gsize bytes = ring_look(ring);

		merge->load.bytes += bytes;
		merge->load.fullest =
			MAX(merge->load.fullest, (gdouble)bytes / (gdouble)ring_size(ring));
	}
	merge->winner = play_below(merge, 1);
}

PaceLoad merge_load(const Merge *merge)
{
	return merge->load;
}

void merge_set_alarms(Merge *merge)
{
	for (guint i = 0; i < merge->entrants->len; i++)
		ring_set_alarm(&entrant_at(merge, i)->ring);
}

/* Makes the winner active, after the one that was has gone on. FALSE if there is none up to the
 * horizon. */
static gboolean choose_active(Merge *merge)
{
	Entry winner = merge->winner;

	if (merge->active) {
		ring_prefetch(&merge->active->ring);
		winner.time = merge->active->ring.time;
		for (gsize node = (merge->leaves + winner.entrant) / 2; node > 0; node /= 2)
			winner = play(merge, node, winner);
		merge->winner = winner;
		merge->active = NULL;
	}
	if (winner.time > merge->horizon)
		return FALSE;
	merge->limit = merge->horizon;
	for (gsize node = (merge->leaves + winner.entrant) / 2; node > 0; node /= 2)
		merge->limit = MIN(merge->limit, merge->losers[node].time);
	merge->active = entrant_at(merge, winner.entrant);
	return TRUE;
}

/* After the last packet: the one whose ring has the next one; NULL if there is none. */
static Entrant *advance(Merge *merge)
{
	Entrant *active = merge->active;

	if (active)
		ring_release(&active->ring);
	if (active && active->ring.time <= merge->limit)
		return active;
	return choose_active(merge) ? merge->active : NULL;
}

guint64 merge_peek(Merge *merge)
{
	const Entrant *active = advance(merge);

	return active ? active->ring.time : RING_EMPTY;
}

const RingPacket *merge_next(Merge *merge, guint *session)
{
	Entrant *active = advance(merge);

	if (!active)
		return NULL;
	ring_take(&active->ring, &merge->packet);
	*session = active->session;
	return &merge->packet;
}

void merge_release(Merge *merge)
{
	for (guint i = 0; i < merge->entrants->len; i++)
		ring_release(&entrant_at(merge, i)->ring);
}

gboolean merge_pending(const Merge *merge)
{
	for (guint i = 0; i < merge->entrants->len; i++)
		if (ring_pending(&entrant_at(merge, i)->ring))
			return TRUE;
	return FALSE;
}
