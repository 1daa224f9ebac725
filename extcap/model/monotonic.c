// SPDX-License-Identifier: GPL-2.0-or-later
#include "monotonic.h"

#include <time.h>

#define NANOSECONDS_PER_SECOND G_GUINT64_CONSTANT(1000000000)

guint64 monotonic_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (guint64)now.tv_sec * NANOSECONDS_PER_SECOND + (guint64)now.tv_nsec;
}
