/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock: times of packets stay right over steps, and are not moved by noise. The system's clock
 * is not touched: samples are made up. */
#include "clock.h"

#include <sys/timerfd.h>

#include "monotonic.h"

#define SECOND	  G_GUINT64_CONSTANT(1000000000)
#define YEAR_2040 (G_GUINT64_CONSTANT(2208988800) * SECOND)

/* A clock whose own first sample is far in the past of the samples of the test. */
static Clock *clock_at(guint64 monotonic, guint64 realtime)
{
	Clock *clock = clock_new();

	clock_add_sample(clock, monotonic, realtime, 100);
	return clock;
}

static guint64 start(void)
{
	return monotonic_now() + 3600 * SECOND;
}

static void test_now(void)
{
	g_autoptr(Clock) clock = clock_new();
	gint64 before = g_get_real_time();
	guint64 now = clock_realtime(clock, monotonic_now());
	gint64 after = g_get_real_time();

	/* g_get_real_time() cuts to microseconds. */
	g_assert_cmpuint(now, >=, (guint64)(before - 1) * 1000);
	g_assert_cmpuint(now, <=, (guint64)(after + 2) * 1000);
}

static void test_order(void)
{
	g_autoptr(Clock) clock = clock_new();
	guint64 last = 0;

	for (int i = 0; i < 100000; i++) {
		guint64 now = clock_realtime(clock, monotonic_now());
		g_assert_cmpuint(now, >=, last);
		last = now;
	}
}

static void test_resampling(void)
{
	g_autoptr(Clock) clock = clock_new();
	guint64 monotonic = monotonic_now();
	guint64 first = clock_realtime(clock, monotonic);

	for (int i = 0; i < 10000; i++)
		clock_sample(clock);
	guint64 last = clock_realtime(clock, monotonic);
	g_assert_cmpuint(MAX(first, last) - MIN(first, last), <, SECOND / 1000);
}

static void test_step(void)
{
	const guint64 t = start();
	g_autoptr(Clock) clock = clock_at(t, YEAR_2040);

	/* 5 s later by one clock, 65 by the other: set by a minute. */
	clock_add_sample(clock, t + 5 * SECOND, YEAR_2040 + 65 * SECOND, 100);
	g_assert_cmpuint(clock_realtime(clock, t + 6 * SECOND), ==, YEAR_2040 + 66 * SECOND);
	g_assert_cmpuint(clock_realtime(clock, t + 5 * SECOND), ==, YEAR_2040 + 65 * SECOND);
	/* Packets that waited in the ring keep the time that was right for them. */
	g_assert_cmpuint(clock_realtime(clock, t + 5 * SECOND - 1), ==, YEAR_2040 + 5 * SECOND - 1);
	g_assert_cmpuint(clock_realtime(clock, t), ==, YEAR_2040);
}

static void test_step_back(void)
{
	const guint64 t = start();
	g_autoptr(Clock) clock = clock_at(t, YEAR_2040);

	clock_add_sample(clock, t + SECOND, YEAR_2040 - 59 * SECOND, 100);
	clock_add_sample(clock, t + 2 * SECOND, YEAR_2040 + 2 * SECOND, 100);
	g_assert_cmpuint(clock_realtime(clock, t + SECOND / 2), ==, YEAR_2040 + SECOND / 2);
	g_assert_cmpuint(clock_realtime(clock, t + SECOND), ==, YEAR_2040 - 59 * SECOND);
	g_assert_cmpuint(clock_realtime(clock, t + 3 * SECOND), ==, YEAR_2040 + 3 * SECOND);
}

static void test_noise(void)
{
	const guint64 t = start();
	g_autoptr(Clock) clock = clock_at(t, YEAR_2040);

	/* We were interrupted between the clocks: 3 ms off, but known to be so. */
	clock_add_sample(clock, t + SECOND, YEAR_2040 + SECOND + 3000000, 3000000);
	g_assert_cmpuint(clock_realtime(clock, t + SECOND), ==, YEAR_2040 + SECOND);
}

static void test_refinement(void)
{
	const guint64 t = start();
	g_autoptr(Clock) clock = clock_new();

	clock_add_sample(clock, t, YEAR_2040 + 900, 1000);
	clock_add_sample(clock, t + SECOND, YEAR_2040 + SECOND, 10);
	g_assert_cmpuint(clock_realtime(clock, t + SECOND), ==, YEAR_2040 + SECOND);
	g_assert_cmpuint(clock_realtime(clock, t), ==, YEAR_2040);
}

/* Should the offset creep, many changes below the error of measurement must not add up. */
static void test_creep(void)
{
	const guint64 t = start();
	g_autoptr(Clock) clock = clock_at(t, YEAR_2040);

	for (guint64 i = 1; i <= 100000; i++) {
		guint64 monotonic = t + i * SECOND / 10;
		guint64 realtime = YEAR_2040 + i * SECOND / 10 + i * 20;
		clock_add_sample(clock, monotonic, realtime, 100);

		guint64 told = clock_realtime(clock, monotonic);
		g_assert_cmpuint(MAX(told, realtime) - MIN(told, realtime), <=, 200);
	}
}

static void test_many_steps(void)
{
	const guint64 t = start();
	g_autoptr(Clock) clock = clock_at(t, YEAR_2040);

	for (guint64 i = 1; i <= 1000; i++)
		clock_add_sample(clock, t + i * SECOND, YEAR_2040 + 2 * i * SECOND, 100);
	g_assert_cmpuint(clock_realtime(clock, t + 1000 * SECOND), ==, YEAR_2040 + 2000 * SECOND);
	g_assert_cmpuint(clock_realtime(clock, t + 990 * SECOND), ==, YEAR_2040 + 1980 * SECOND);
	/* Forgotten: the oldest step that is known. */
	g_assert_cmpuint(clock_realtime(clock, t), >, YEAR_2040);
}

/* A timer of 32 bits ends in 2038: it expires at once from then on, and notices no step any more.
 */
static void test_far_future(void)
{
	const gint64 year_2200 = G_GINT64_CONSTANT(7258118400);
	g_autoptr(Clock) clock = clock_new();
	struct itimerspec left;

	if (clock_step_fd(clock) < 0 || sizeof(left.it_value.tv_sec) < sizeof(gint64)) {
		g_test_skip("no timer that notices steps, or none of 64 bits");
		return;
	}
	g_assert_cmpint(timerfd_gettime(clock_step_fd(clock), &left), ==, 0);
	g_assert_cmpint(left.it_value.tv_sec, >, year_2200 - g_get_real_time() / G_USEC_PER_SEC);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/clock/tells the time", test_now);
	g_test_add_func("/clock/never runs backwards without a step", test_order);
	g_test_add_func("/clock/is not moved by sampling again", test_resampling);
	g_test_add_func("/clock/follows a step and keeps the times before it", test_step);
	g_test_add_func("/clock/follows a step back", test_step_back);
	g_test_add_func("/clock/takes an interrupted sample for no step", test_noise);
	g_test_add_func("/clock/is refined by a better sample", test_refinement);
	g_test_add_func("/clock/follows an offset that creeps", test_creep);
	g_test_add_func("/clock/waits for steps beyond 2038", test_far_future);
	g_test_add_func("/clock/remembers a bounded number of steps", test_many_steps);
	return g_test_run();
}
