// SPDX-License-Identifier: GPL-2.0-or-later
/* When the reader looks at the rings, played through in imagined time: few looks for few packets,
 * none of which waits for long, and rings that never get full. */
#include "pace.h"

#define SECOND 1000000 /* us */

/* A packet of another CPU may still come before one that is so young, in us. */
#define HELD_BACK 50

#define RING_BYTES ((gdouble)16 * 1024 * 1024)

/* A ring that is a quarter full wakes the reader when it has set out for a long wait; that takes so
 * long, in us. */
#define ALARM_BYTES (RING_BYTES / 4)
#define WAKING	    200

typedef struct {
	guint looks;
	gint64 latest; /* the longest that a packet waited, in us */
	gdouble fullest;
	gint64 slept; /* in us */
	guint sleeps;
} Outcome;

/* Packets come every so many us, from the time `from` on, each of so many bytes. */
typedef struct {
	gdouble every, bytes;
	gint64 from;
} Traffic;

static gint64 arrival(const Traffic *traffic, guint64 number)
{
	return traffic->from + (gint64)((gdouble)number * traffic->every);
}

/* When a wait ends that begins now, with so many packets read. */
static gint64 end_of_wait(const Traffic *traffic, gint64 now, guint64 read, guint wait)
{
	guint64 alarm = read + (guint64)(ALARM_BYTES / traffic->bytes);

	return wait > PACE_MIN ? MIN(now + wait, MAX(arrival(traffic, alarm), now) + WAKING)
			       : now + wait;
}

static Outcome play(const Traffic *traffic, gint64 duration)
{
	guint64 read = 0, come = 0;
	Outcome outcome = { 0 };
	gint64 now = 0;
	Pace pace;

	pace_init(&pace);
	while (now < duration) {
		guint64 before = read;
		gdouble waiting;
		PaceLoad load;

		while (arrival(traffic, come) <= now)
			come++;
		waiting = (gdouble)(come - read) * traffic->bytes;
		load = (PaceLoad){ (gsize)waiting, waiting / RING_BYTES };
		while (read < come && arrival(traffic, read) <= now - HELD_BACK) {
			outcome.latest = MAX(outcome.latest, now - arrival(traffic, read));
			read++;
		}
		outcome.looks++;
		outcome.fullest = MAX(outcome.fullest, load.fullest);
		if (read > before || come > read) {
			now = end_of_wait(traffic, now, read, pace_wait(&pace, load));
		} else if (!pace_is_quiet(&pace)) {
			now = end_of_wait(traffic, now, read, pace_wait_empty(&pace));
		} else {
			gint64 woken = MIN(arrival(traffic, come), duration);

			pace_wait_empty(&pace);
			outcome.slept += woken - now;
			outcome.sleeps++;
			now = woken;
		}
	}
	return outcome;
}

/* The looks a second, and what else there is to say, for traffic of all rates. */
static void test_rates(void)
{
	static const struct {
		gdouble rate, bytes; /* packets a second, and bytes of each in the ring */
		guint most;	     /* looks a second */
	} cases[] = {
		{ 1, 104, 12 },	     { 10, 104, 120 },	   { 70, 104, 160 },  { 1000, 104, 120 },
		{ 20000, 104, 120 }, { 20000, 1544, 120 }, { 1e6, 104, 250 }, { 1e5, 1544, 400 },
		{ 5e5, 1544, 1000 }, { 4e6, 1544, 1000 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Traffic traffic = { SECOND / cases[i].rate, cases[i].bytes, 5000 };
		Outcome outcome = play(&traffic, 3 * SECOND);

		g_assert_cmpuint(outcome.looks, <=, 3 * cases[i].most);
		g_assert_cmpint(outcome.latest, <=, PACE_MAX + HELD_BACK);
		g_assert_cmpfloat(outcome.fullest, <=, 0.5);
		/* To be woken for each packet is worse than to look for it. */
		g_assert_cmpuint(outcome.sleeps, <=,
				 cases[i].rate < 50 ? 3 * cases[i].rate + 1 : 1);
	}
}

/* A lone packet that comes to a sleeping reader is written at once, but for those that might still
 * come before it. */
static void test_lone(void)
{
	const Traffic traffic = { 100.0 * SECOND, 104, 2 * SECOND };
	Outcome outcome = play(&traffic, 3 * SECOND);

	g_assert_cmpint(outcome.latest, <=, PACE_MIN + HELD_BACK);
	g_assert_cmpint(outcome.slept, >, 28 * SECOND / 10);
	g_assert_cmpuint(outcome.looks, <, 40);
}

/* A flood makes the waits short at once; when little comes again, they soon are long. */
static void test_recovery(void)
{
	const PaceLoad flood = { 8 * 1024 * 1024, 0.5 }, trickle = { 104, 0 };
	guint looks = 0;
	Pace pace;

	pace_init(&pace);
	while (pace_wait(&pace, trickle) < PACE_MAX)
		;
	g_assert_cmpuint(pace_wait(&pace, flood), <, 2 * PACE_MIN);
	while (pace_wait(&pace, trickle) < PACE_MAX)
		g_assert_cmpuint(++looks, <, 6);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pace/rates", test_rates);
	g_test_add_func("/pace/lone", test_lone);
	g_test_add_func("/pace/recovery", test_recovery);
	return g_test_run();
}
