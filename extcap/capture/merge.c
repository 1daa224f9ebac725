// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tournament of the rings' next packets: a binary tree with the rings as its leaves. Each inner
 * node keeps the loser, that is the later one, of the two packets that met there. The winner is the
 * oldest packet of all. When its ring goes on to the next packet, that one plays against those on
 * the path from its leaf to the root: seven matches for a hundred rings.
 *
 * A ring stays the winner up to the time of the oldest packet that it has beaten. Until then its
 * packets are taken without looking at the tree, which pays since packets come in bursts on each
 * CPU.
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
	gsize leaves;	  /* a power of 2; leaves without a ring are always empty */
	Entry *losers;	  /* by node; the root is 1, the children of n are 2n and 2n + 1 */
	Entry winner;
	Entrant *active; /* the winner's, if a packet of its was returned last; or NULL */
	guint64 limit;	 /* the winner wins up to this time */
	guint64 horizon; /* nothing later than this is returned before the next look */
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
	merge->winner.time = RING_EMPTY; /* the tree has changed: empty until the next look */
	merge->active = NULL;		 /* the array may have moved */
}

guint merge_rings(const Merge *merge)
{
	return merge->entrants->len;
}

/* Leaves the later one at the node and returns the other. Branchless, since the outcome is
 * unpredictable. */
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

/* Plays the whole tournament below a node and returns the winner. */
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

/* Finds the new winner after the active ring has gone on, and makes it active. FALSE if there is
 * none up to the horizon. */
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

/* The entrant whose ring has the next packet; NULL if there is none. */
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

const RingPacket *merge_next(Merge *merge, guint *ret_session)
{
	Entrant *active = advance(merge);

	if (!active)
		return NULL;
	ring_take(&active->ring, &merge->packet);
	*ret_session = active->session;
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
