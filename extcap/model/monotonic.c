// SPDX-License-Identifier: GPL-2.0-or-later
#include "monotonic.h"

#include <time.h>

#define NANOSECONDS_PER_SECOND G_GUINT64_CONSTANT(1000000000)

/* Never changes: a process stays in the time namespace that it was started in. */
static gint64 process_offset;

guint64 monotonic_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (guint64)now.tv_sec * NANOSECONDS_PER_SECOND + (guint64)now.tv_nsec +
	       (guint64)process_offset;
}

void monotonic_set_offset(gint64 offset)
{
	process_offset = offset;
}

gint64 monotonic_offset(void)
{
	return process_offset;
}
