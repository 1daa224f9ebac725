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
} Input;

typedef struct {
	guint64 time;
	gsize input;
} Entry;

struct Merge {
	GArray *inputs; /* Input */
	gsize leaves;	/* a power of 2: those without a ring are always empty */
	Entry *losers;	/* by node: the root is 1, the children of n are 2n and 2n + 1 */
	Entry winner;
	Input *active;	 /* the winner's, whose packet was returned last; or NULL */
	guint64 limit;	 /* it stays the winner up to this time */
	guint64 horizon; /* nothing later is returned before the next look */
	MergeLoad load;
	RingPacket packet;
};

Merge *merge_new(void)
{
	Merge *merge = g_new0(Merge, 1);

	merge->inputs = g_array_new(FALSE, TRUE, sizeof(Input));
	merge->winner.time = RING_EMPTY;
	return merge;
}

void merge_free(Merge *merge)
{
	if (!merge)
		return;
	g_array_unref(merge->inputs);
	g_free(merge->losers);
	g_free(merge);
}

static Input *input_at(const Merge *merge, gsize index)
{
	return &g_array_index(merge->inputs, Input, index);
}

void merge_add(Merge *merge, const Ring *ring, guint session)
{
	const Input input = { *ring, session };

	g_array_append_val(merge->inputs, input);
	merge->leaves = MAX(merge->leaves, 1);
	while (merge->leaves < merge->inputs->len)
		merge->leaves *= 2;
	merge->losers = g_renew(Entry, merge->losers, merge->leaves);
	merge->winner.time =
		RING_EMPTY;   /* the tree has another form: nothing before the next look */
	merge->active = NULL; /* the array may have moved */
}

guint merge_rings(const Merge *merge)
{
	return merge->inputs->len;
}

/* Leaves the later one at the node, and returns the other. Without a branch: which one it is cannot
 * be foretold. */
static Entry play(Merge *merge, gsize node, Entry challenger)
{
	Entry *there = &merge->losers[node];
	guint64 mask = -(guint64)(there->time < challenger.time);
	Entry change = { (there->time ^ challenger.time) & mask,
			 (there->input ^ challenger.input) & mask };

	there->time ^= change.time;
	there->input ^= change.input;
	return (Entry){ challenger.time ^ change.time, challenger.input ^ change.input };
}

/* Plays the whole tournament below a node; returns the winner. */
static Entry play_below(Merge *merge, gsize node)
{
	Entry left, right;

	if (node >= merge->leaves) {
		gsize input = node - merge->leaves;
		guint64 time =
			input < merge->inputs->len ? input_at(merge, input)->ring.time : RING_EMPTY;

		return (Entry){ time, input };
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
	merge->load = (MergeLoad){ 0 };
	if (merge->inputs->len == 0)
		return;
	for (guint i = 0; i < merge->inputs->len; i++) {
		Ring *ring = &input_at(merge, i)->ring;
		gsize bytes = ring_look(ring);

		merge->load.bytes += bytes;
		merge->load.fullest =
			MAX(merge->load.fullest, (gdouble)bytes / (gdouble)ring_size(ring));
	}
	merge->winner = play_below(merge, 1);
}

MergeLoad merge_load(const Merge *merge)
{
	return merge->load;
}

void merge_set_alarms(Merge *merge)
{
	for (guint i = 0; i < merge->inputs->len; i++)
		ring_set_alarm(&input_at(merge, i)->ring);
}

/* Makes the winner active, after the one that was has gone on. FALSE if there is none up to the
 * horizon. */
static gboolean choose_active(Merge *merge)
{
	Entry winner = merge->winner;

	if (merge->active) {
		ring_prefetch(&merge->active->ring);
		winner.time = merge->active->ring.time;
		for (gsize node = (merge->leaves + winner.input) / 2; node > 0; node /= 2)
			winner = play(merge, node, winner);
		merge->winner = winner;
		merge->active = NULL;
	}
	if (winner.time > merge->horizon)
		return FALSE;
	merge->limit = merge->horizon;
	for (gsize node = (merge->leaves + winner.input) / 2; node > 0; node /= 2)
		merge->limit = MIN(merge->limit, merge->losers[node].time);
	merge->active = input_at(merge, winner.input);
	return TRUE;
}

const RingPacket *merge_next(Merge *merge, guint *session)
{
	Input *input = merge->active;

	if (input)
		ring_release(&input->ring);
	if (!input || input->ring.time > merge->limit) {
		if (!choose_active(merge))
			return NULL;
		input = merge->active;
	}
	ring_take(&input->ring, &merge->packet);
	*session = input->session;
	return &merge->packet;
}

void merge_release(Merge *merge)
{
	for (guint i = 0; i < merge->inputs->len; i++)
		ring_release(&input_at(merge, i)->ring);
}

gboolean merge_pending(const Merge *merge)
{
	for (guint i = 0; i < merge->inputs->len; i++)
		if (ring_pending(&input_at(merge, i)->ring))
			return TRUE;
	return FALSE;
}
