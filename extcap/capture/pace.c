// SPDX-License-Identifier: GPL-2.0-or-later
#include "pace.h"

/* How much a look should find at most: it then stays in the processor's caches from one look to the
 * next, and the rings have room for a burst. */
#define WANTED_BYTES ((gdouble)1024 * 1024)
#define WANTED_PART  (1.0 / 16)

void pace_init(Pace *pace)
{
	*pace = (Pace){ .interval = PACE_MIN };
}

/* Little came, so the next wait may be twice as long. */
static void lengthen(Pace *pace)
{
	pace->interval = MIN(pace->interval * 2, PACE_MAX);
}

guint pace_wait(Pace *pace, PaceLoad load)
{
	gdouble much = MAX((gdouble)load.bytes / WANTED_BYTES, load.fullest / WANTED_PART);
	guint wait;

	if (much > 1)
		pace->interval = MAX((guint)(pace->interval / much), PACE_MIN);
	wait = pace->interval;
	if (much < 0.5)
		lengthen(pace);
	pace->quiet = 0;
	return wait;
}

guint pace_wait_empty(Pace *pace)
{
	guint wait = pace->interval;

	if (pace_is_quiet(pace)) {
		/* The packet that wakes us may be the first of many. */
		pace->interval = PACE_MIN;
		return PACE_MIN;
	}
	pace->quiet += wait;
	lengthen(pace);
	return wait;
}

gboolean pace_is_quiet(const Pace *pace)
{
	return pace->quiet >= PACE_QUIET;
}
