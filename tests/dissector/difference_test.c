/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is found to have changed between two frames, and that nothing beyond them is read. */
#include "difference.h"

#include <glib.h>
#include <string.h>

static guint8 octets[512];

/* Numbers that do not repeat soon. */
static void octets_fill(void)
{
	for (guint i = 0; i < sizeof(octets); i++)
		octets[i] = (guint8)(i * 167 + i / 7);
}

static Difference compare(const guint8 *old, guint old_length, const guint8 *new, guint new_length,
			  unsigned changed)
{
	/* Exactly as long as they are, so that ASan sees a read beyond. */
	g_autofree guint8 *old_copy = g_memdup2(old, old_length);
	g_autofree guint8 *new_copy = g_memdup2(new, new_length);
	FrameOctets before = { .octets = old_copy, .kept = old_length, .length = old_length };
	FrameOctets after = { .octets = new_copy, .kept = new_length, .length = new_length };
	Difference difference;

	difference_find(&before, &after, changed, &difference);
	return difference;
}

static void test_nothing(void)
{
	Difference difference = compare(octets, 100, octets, 100, 0);

	g_assert_cmpuint(difference.count, ==, 0);
	g_assert_cmpuint(difference.compared, ==, 100);
	g_assert_false(difference.partial);
}

static void test_runs(void)
{
	g_autofree guint8 *new = g_memdup2(octets, 100);
	Difference difference;

	new[3] ^= 1;
	new[4] ^= 1;
	new[99] ^= 1;
	difference = compare(octets, 100, new, 100, CHANGED_BYTES);
	g_assert_cmpuint(difference.count, ==, 2);
	g_assert_cmpuint(difference.changes[0].offset, ==, 3);
	g_assert_cmpuint(difference.changes[0].new_length, ==, 2);
	g_assert_cmpuint(difference.changes[1].offset, ==, 99);
	g_assert_cmpuint(difference_changed(&difference), ==, CHANGED_BYTES);
}

/* Octets put in at place, taken out there the other way round. */
static void test_moved(void)
{
	static const guint places[] = { 0, 12, 14, 18, 40 };
	static const guint lengths[] = { 1, 4, 8, 14, 20, 50 };

	for (guint i = 0; i < G_N_ELEMENTS(places) * G_N_ELEMENTS(lengths); i++) {
		guint place = places[i % G_N_ELEMENTS(places)];
		guint length = lengths[i / G_N_ELEMENTS(places)];
		guint8 longer[200];
		Difference difference;

		memcpy(longer, octets, place);
		memcpy(longer + place, octets + 300, length);
		memcpy(longer + place + length, octets + place, 100 - place);
		difference = compare(octets, 100, longer, 100 + length, CHANGED_HEAD);
		g_assert_cmpuint(difference.count, ==, 1);
		g_assert_cmpint(difference.changes[0].kind, ==, CHANGE_HEAD);
		g_assert_cmpuint(difference.changes[0].offset, ==, place);
		g_assert_cmpuint(difference.changes[0].new_length, ==, length);
		difference = compare(longer, 100 + length, octets, 100, CHANGED_HEAD);
		g_assert_cmpuint(difference.count, ==, 1);
		g_assert_cmpuint(difference.changes[0].offset, ==, place);
		g_assert_cmpuint(difference.changes[0].old_length, ==, length);
		g_assert_cmpuint(difference_changed(&difference), ==, CHANGED_HEAD);
	}
}

static void test_both_ends(void)
{
	Difference difference = compare(octets, 100, octets + 20, 90, CHANGED_HEAD | CHANGED_TAIL);

	g_assert_cmpuint(difference.count, ==, 2);
	g_assert_cmpuint(difference.changes[0].old_length, ==, 20);
	g_assert_cmpint(difference.changes[1].kind, ==, CHANGE_TAIL);
	g_assert_cmpuint(difference.changes[1].new_length, ==, 10);
}

static void frame_random(GRand *random, FrameOctets *frame, guint8 *copy)
{
	static const guint32 lengths[] = { 0, 1, 14, 60, 0x7fffffff, 0x80000000, UINT32_MAX };

	guint32 length = lengths[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(lengths))];

	frame->octets = copy;
	frame->kept = (guint32)g_rand_int_range(random, 0, 300);
	frame->length = g_rand_boolean(random) ? MAX(frame->kept, length) : frame->kept;
	for (guint i = 0; i < frame->kept; i++)
		copy[i] = (guint8)g_rand_int_range(random, 0, 3);
}

/* Whatever the frames are, the changes lie in them and follow each other. */
static void test_random(void)
{
	GRand *random = g_rand_new_with_seed(4711);

	for (unsigned round = 0; round < 20000; round++) {
		guint8 before[300], after[300];
		FrameOctets old, new;
		Difference found;
		gint64 moved = 0;

		frame_random(random, &old, before);
		frame_random(random, &new, after);
		difference_find(&old, &new, (unsigned)g_rand_int_range(random, 0, 8), &found);
		g_assert_cmpuint(found.count, <=, G_N_ELEMENTS(found.changes));
		g_assert_cmpuint(found.compared, <=, old.kept);
		for (unsigned i = 0; i < found.count; i++) {
			const Change *change = &found.changes[i];

			moved += (gint64)change->new_length - change->old_length;
			g_assert_cmpuint((guint64)change->offset + change->new_length, <=,
					 new.length);
			g_assert_cmpuint(change->old_kept, <=, change->old_length);
			if (change->old_kept)
				g_assert_true(change->old >= before &&
					      change->old + change->old_kept <= before + old.kept);
			if (change->kind == CHANGE_BYTES)
				g_assert_cmpuint(change->offset + change->new_length, <=, new.kept);
			if (i > 0)
				g_assert_cmpuint(change->offset, >=, change[-1].offset);
		}
		g_assert_cmpint(moved, ==, (gint64) new.length - old.length);
	}
	g_rand_free(random);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	octets_fill();
	g_test_add_func("/difference/nothing", test_nothing);
	g_test_add_func("/difference/runs", test_runs);
	g_test_add_func("/difference/put-in-and-taken-out", test_moved);
	g_test_add_func("/difference/both-ends", test_both_ends);
	g_test_add_func("/difference/random-frames", test_random);
	return g_test_run();
}
