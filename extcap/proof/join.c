// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Joins what is known on two paths through a function, where they meet. Places that share bits on
 * both paths still do so afterwards. They get a new label, as they need not share the same number
 * on both paths.
 */
#include "frame.h"

#define LABEL_JOIN	   ((guint32)1 << 31)
#define PLACE_BITS	   7
#define LABEL_OF(AT, N)	   (LABEL_JOIN | (AT) << PLACE_BITS | (N))
#define IS_LABEL_OF(L, AT) (((L) & ~((1U << PLACE_BITS) - 1)) == LABEL_OF(AT, 0))

G_STATIC_ASSERT(FRAME_PLACES <= 1 << PLACE_BITS);

/* Two places with equal keys on a path share their low 32 bits on it. */
typedef struct {
	enum { KEY_NONE, KEY_NUMBER, KEY_LABEL } kind;
	guint32 key;
} Key;

typedef struct {
	Key ours, theirs;
	guint32 kept;	/* the label, if equal on both paths and not from an earlier join */
	guint32 class;	/* label of all places with these keys; 0: there is no other place */
	gboolean whole; /* all 64 bits are those of the labelled number, on both paths */
} Place;

static Key key_of(const Content *value)
{
	const KnownBits low = known_bits_masked(value->bits, KNOWN_BITS_LOW32);

	if (value->kind == CONTENT_NUMBER && known_bits_is_constant(low))
		return (Key){ KEY_NUMBER, (guint32)low.value };
	if (content_shares_low(value))
		return (Key){ KEY_LABEL, value->label };
	return (Key){ KEY_NONE, 0 };
}

static gboolean key_equal(Key a, Key b)
{
	return a.kind != KEY_NONE && a.kind == b.kind && a.key == b.key;
}

static Place place_of(const Content *ours, const Content *theirs, guint32 at)
{
	Place place = { .ours = key_of(ours), .theirs = key_of(theirs) };

	place.whole = ours->width == 64 && theirs->width == 64;
	if (ours->label != 0 && ours->label == theirs->label && content_shares_low(ours) &&
	    content_shares_low(theirs) && !IS_LABEL_OF(ours->label, at))
		place.kept = ours->label;
	return place;
}

/* A class is named after its first place, unless one of its places keeps its label. */
static void find_classes(Place *places, guint count, guint32 at)
{
	for (guint i = 0; i < count; i++) {
		guint32 class = places[i].kept;
		guint members = 1;

		if (places[i].class != 0)
			continue;
		for (guint j = i + 1; j < count; j++) {
			if (!key_equal(places[i].ours, places[j].ours) ||
			    !key_equal(places[i].theirs, places[j].theirs))
				continue;
			members++;
			class = class ? class : places[j].kept;
		}
		if (members == 1)
			continue;
		class = class ? class : LABEL_OF(at, i);
		for (guint j = count; j-- > i;)
			if (key_equal(places[i].ours, places[j].ours) &&
			    key_equal(places[i].theirs, places[j].theirs))
				places[j].class = class;
	}
}

static void label_place(Content *value, const Place *place)
{
	value->label = place->kept ? place->kept : place->class;
	value->width = value->label == 0 || (place->kept && place->whole) ? 64 : 32;
}

static Cell *cell_of(Frame *frame, const Cell *like)
{
	for (guint i = 0; i < frame->cell_count; i++)
		if (frame->cells[i].offset == like->offset && frame->cells[i].size == like->size)
			return &frame->cells[i];
	return NULL;
}

/* Keeps the cells that both frames have, in the same order. */
static void align_cells(Frame *frame, Frame *other)
{
	guint kept = 0;

	for (guint i = 0; i < frame->cell_count; i++) {
		Cell *same = cell_of(other, &frame->cells[i]);
		Cell moved;

		if (!same)
			continue;
		moved = *same;
		*same = other->cells[kept];
		other->cells[kept] = moved;
		frame->cells[kept++] = frame->cells[i];
	}
	frame->cell_count = kept;
	other->cell_count = kept;
}

static gboolean label_equal(const Content *a, const Content *b)
{
	return a->label == b->label &&
	       (a->label == 0 || (a->width == b->width && a->shift == b->shift));
}

static gboolean value_equal(const Content *a, const Content *b)
{
	return a->bits.value == b->bits.value && a->bits.unknown == b->bits.unknown &&
	       label_equal(a, b) && a->kind == b->kind && !a->extended == !b->extended &&
	       a->origins == b->origins && content_lowest(a) == content_lowest(b);
}

static void widen_value(Content *value, const Content *before)
{
	if (value->kind == before->kind && value->bits.unknown != before->bits.unknown)
		value->bits = KNOWN_BITS_NOTHING;
	if (content_lowest(value) != content_lowest(before))
		value->lowest = G_MININT32;
}

gboolean frame_join(Frame *frame, const Frame *other, guint32 at, gboolean widen)
{
	Place places[FRAME_PLACES];
	const guint before = frame->cell_count;
	Frame theirs;
	gboolean changed;
	guint count;

	frame_assign(&theirs, other);
	align_cells(frame, &theirs);
	changed = frame->cell_count != before;
	count = frame_place_count(frame);
	for (guint i = 0; i < count; i++) {
		places[i] = place_of(frame_place(frame, i), frame_place(&theirs, i), at);
		places[i].class = 0;
	}
	find_classes(places, count, at);
	for (guint i = 0; i < count; i++) {
		Content *value = frame_place(frame, i);
		Content joined = content_either(value, frame_place(&theirs, i));

		label_place(&joined, &places[i]);
		if (widen)
			widen_value(&joined, value);
		changed = changed || !value_equal(&joined, value);
		*value = joined;
	}
	return changed;
}
