/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the offset between the kernel's two clocks, and when it changed. Both run at the rate that
 * NTP sets, so only steps change the offset: between two samples without a step it is known
 * exactly.
 */
#include "clock.h"

#include <time.h>
#include <unistd.h>

#include "clock_step.h"
#include "monotonic.h"

#define NANOSECONDS_PER_SECOND G_GUINT64_CONSTANT(1000000000)

/* Steps that are remembered; then the oldest one is forgotten. A packet waits in the ring for
 * seconds at most, so this is only exceeded if somebody steps the clock many times a second. */
#define STEPS_MAX 64

/* A reading takes some 100 ns. One that took much longer was interrupted, and is tried again. */
#define SAMPLE_GOOD  500
#define SAMPLE_TRIES 5

typedef struct {
	guint64 from;	     /* monotonic ns */
	gint64 offset;	     /* realtime - monotonic, ns */
	guint64 uncertainty; /* of the offset, ns */
} Step;

struct Clock {
	int step_fd;
	guint count; /* 0 only before the first sample */
	Step steps[STEPS_MAX];
};

static guint64 time_read(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (guint64)now.tv_sec * NANOSECONDS_PER_SECOND + (guint64)now.tv_nsec;
}

Clock *clock_new(void)
{
	Clock *clock = g_new0(Clock, 1);

	clock->step_fd = clock_step_open();
	clock_sample(clock);
	return clock;
}

void clock_restart(Clock *clock)
{
	clock->count = 0;
	clock_sample(clock);
}

void clock_free(Clock *clock)
{
	if (!clock)
		return;
	if (clock->step_fd >= 0)
		close(clock->step_fd);
	g_free(clock);
}

int clock_step_fd(const Clock *clock)
{
	return clock->step_fd;
}

void clock_sample(Clock *clock)
{
	guint64 best_width = G_MAXUINT64, best_monotonic = 0, best_realtime = 0;

	for (int i = 0; i < SAMPLE_TRIES && best_width > SAMPLE_GOOD; i++) {
		guint64 before = monotonic_now();
		guint64 realtime = time_read(CLOCK_REALTIME);
		guint64 width = monotonic_now() - before;

		if (width < best_width) {
			best_width = width;
			best_monotonic = before + width / 2;
			best_realtime = realtime;
		}
	}
	clock_add_sample(clock, best_monotonic, best_realtime, best_width / 2 + 1);
}

static void step_append(Clock *clock, Step step)
{
	if (clock->count == STEPS_MAX) {
		for (guint i = 1; i < STEPS_MAX; i++)
			clock->steps[i - 1] = clock->steps[i];
		clock->count--;
	}
	clock->steps[clock->count++] = step;
}

void clock_add_sample(Clock *clock, guint64 monotonic, guint64 realtime, guint64 uncertainty)
{
	const Step seen = { monotonic, (gint64)(realtime - monotonic), uncertainty };

	if (clock->count == 0) {
		step_append(clock, seen);
		return;
	}

	Step *last = &clock->steps[clock->count - 1];
	guint64 change = seen.offset > last->offset ? (guint64)(seen.offset - last->offset)
						    : (guint64)(last->offset - seen.offset);
	if (change > uncertainty + last->uncertainty) {
		step_append(clock, seen);
	} else if (uncertainty < last->uncertainty) {
		last->offset = seen.offset;
		last->uncertainty = uncertainty;
	}
}

guint64 clock_realtime(const Clock *clock, guint64 monotonic)
{
	guint i = clock->count - 1;

	while (i > 0 && clock->steps[i].from > monotonic)
		i--;
	return monotonic + (guint64)clock->steps[i].offset;
}
