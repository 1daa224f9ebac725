/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "difference.h"

#include <stddef.h>

/* How the old frame lies in the new one: its octets up to place stay where they are, those behind
 * it have moved by head octets. */
typedef struct {
	int64_t head;
	uint32_t place;
	uint32_t wrong;	   /* octets that differ so */
	uint32_t compared; /* octets */
} Alignment;

static uint32_t least(int64_t a, int64_t b)
{
	int64_t value = a < b ? a : b;

	return value > 0 ? (uint32_t)value : 0;
}

/* Where programs put something in, the likeliest first: before everything, behind the MAC
 * addresses, behind an Ethernet header. */
static unsigned place_rank(uint32_t place)
{
	return place == 0 ? 0 : place == 12 ? 1 : place == 14 ? 2 : 3;
}

/*
 * Finds the place at which the octets were put in or taken out: that which leaves the fewest
 * differences. The longer frame is the shorter one and the distance; one walk over both, since
 * each step of the place turns one moved octet into one that stays.
 */
static Alignment alignment_make(const FrameOctets *old, const FrameOctets *new, int64_t head)
{
	const FrameOctets *shorter = head < 0 ? new : old;
	const FrameOctets *longer = head < 0 ? old : new;
	int64_t distance = head < 0 ? -head : head;
	uint32_t compared = least(shorter->kept, (int64_t)longer->kept - distance);
	uint32_t wrong = 0;
	Alignment best;

	for (uint32_t i = 0; i < compared; i++)
		wrong += shorter->octets[i] != longer->octets[i + distance];
	best = (Alignment){ .head = head, .wrong = wrong, .compared = compared };
	for (uint32_t i = 0; distance && i < compared; i++) {
		wrong -= shorter->octets[i] != longer->octets[i + distance];
		wrong += shorter->octets[i] != longer->octets[i];
		if (wrong < best.wrong ||
		    (wrong == best.wrong && place_rank(i + 1) < place_rank(best.place))) {
			best.wrong = wrong;
			best.place = i + 1;
		}
	}
	return best;
}

static bool alignment_is_better(const Alignment *a, const Alignment *b)
{
	return a->compared && (!b->compared ||
			       (uint64_t)a->wrong * b->compared < (uint64_t)b->wrong * a->compared);
}

/* Both ends have moved: by the lengths of usual headers, whatever matches best. */
static Alignment alignment_search(const FrameOctets *old, const FrameOctets *new, int64_t grown)
{
	static const uint8_t lengths[] = { 4,  8,  12, 14, 16, 18, 20, 22, 24, 28, 32, 34, 36,
					   38, 40, 42, 44, 48, 50, 54, 58, 62, 64, 70, 74 };
	Alignment best = alignment_make(old, new, 0);
	Alignment other = alignment_make(old, new, grown);

	if (alignment_is_better(&other, &best))
		best = other;
	for (size_t i = 0; i < 2 * sizeof(lengths) && best.wrong; i++) {
		int64_t head = lengths[i / 2];

		other = alignment_make(old, new, i % 2 ? -head : head);
		if (alignment_is_better(&other, &best))
			best = other;
	}
	return best;
}

static Alignment alignment_find(const FrameOctets *old, const FrameOctets *new, unsigned changed)
{
	int64_t grown = (int64_t) new->length - old->length;
	Alignment stays, moved;

	if (changed & CHANGED_HEAD)
		return changed & CHANGED_TAIL ? alignment_search(old, new, grown)
					      : alignment_make(old, new, grown);
	stays = alignment_make(old, new, 0);
	/* Files of others do not say which end it was. */
	if (changed || !grown || !stays.wrong)
		return stays;
	moved = alignment_make(old, new, grown);
	return alignment_is_better(&moved, &stays) ? moved : stays;
}

static Change *change_add(Difference *difference, ChangeKind kind, uint32_t offset)
{
	Change *change = &difference->changes[difference->count++];

	*change = (Change){ .kind = kind, .offset = offset };
	return change;
}

/* The old octets of a change begin at offset in the old frame. */
static void change_take_old(Change *change, const FrameOctets *old, uint32_t offset)
{
	if (offset >= old->kept)
		return;
	change->old = old->octets + offset;
	change->old_kept = least(change->old_length, (int64_t)old->kept - offset);
}

/* The runs of octets that differ, from the old one at start up to that at end, which have moved
 * by head. */
static void runs_find(Difference *difference, const FrameOctets *old, const FrameOctets *new,
		      uint32_t start, uint32_t end, int64_t head)
{
	Change *run = NULL;

	end = least(end, least(old->kept, (int64_t) new->kept - head));
	for (uint32_t i = start; i < end; i++) {
		uint32_t offset = (uint32_t)(i + head);
		bool differs = old->octets[i] != new->octets[offset];
		bool follows = run && (run->offset + run->new_length == offset ||
				       difference->count >= DIFFERENCE_RUNS_MAX);

		difference->compared++;
		if (!differs)
			continue;
		if (!follows) {
			run = change_add(difference, CHANGE_BYTES, offset);
			run->old = old->octets + i;
		}
		run->new_length = offset + 1 - run->offset;
		run->old_length = run->old_kept = run->new_length;
	}
}

static void head_add(Difference *difference, const FrameOctets *old, const Alignment *alignment)
{
	int64_t head = alignment->head;
	Change *change;

	if (!head)
		return;
	change = change_add(difference, CHANGE_HEAD, alignment->place);
	if (head > 0) {
		change->new_length = (uint32_t)head;
		return;
	}
	change->old_length = (uint32_t)-head;
	change_take_old(change, old, alignment->place);
}

static void tail_add(Difference *difference, const FrameOctets *old, const FrameOctets *new,
		     int64_t tail)
{
	Change *change;

	if (!tail)
		return;
	change = change_add(difference, CHANGE_TAIL,
			    tail > 0 ? least(new->length - tail, new->length) : new->length);
	if (tail > 0) {
		change->new_length = least(tail, UINT32_MAX);
		return;
	}
	change->old_length = least(-tail, UINT32_MAX);
	change_take_old(change, old, least((int64_t)old->length + tail, old->length));
}

void difference_find(const FrameOctets *old, const FrameOctets *new, unsigned changed,
		     Difference *ret)
{
	Alignment alignment = alignment_find(old, new, changed);
	uint32_t place = alignment.head ? alignment.place : UINT32_MAX;
	int64_t head = alignment.head;
	int64_t tail = (int64_t) new->length - old->length - head;
	int64_t common = (int64_t)old->length + (head < 0 ? head : 0) + (tail < 0 ? tail : 0);

	ret->count = 0;
	ret->compared = 0;
	runs_find(ret, old, new, 0, place, 0);
	head_add(ret, old, &alignment);
	if (head)
		runs_find(ret, old, new, head < 0 ? least(place - head, UINT32_MAX) : place,
			  UINT32_MAX, head);
	tail_add(ret, old, new, tail);
	ret->partial = ret->compared < common;
}

unsigned difference_changed(const Difference *difference)
{
	static const unsigned changed[] = {
		[CHANGE_BYTES] = CHANGED_BYTES,
		[CHANGE_HEAD] = CHANGED_HEAD,
		[CHANGE_TAIL] = CHANGED_TAIL,
	};
	unsigned all = 0;

	for (unsigned i = 0; i < difference->count; i++)
		all |= changed[difference->changes[i].kind];
	return all;
}
