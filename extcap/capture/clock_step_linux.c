// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock_step.h"

#include <glib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The last time that the kernel can represent: in 2262, or with a time_t of 32 bits in 2038. */
#define TIME_END (sizeof(time_t) > 4 ? (time_t)(G_MAXINT64 / 1000000000) : (time_t)G_MAXINT32)

/* A timer that never expires, but is cancelled by a step. */
int clock_step_open(void)
{
	const struct itimerspec never = { .it_value.tv_sec = TIME_END };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}
