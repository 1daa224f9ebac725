/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the kernel's monotonic time of a packet into wall-clock time, right over steps of the wall
 * clock during the capture.
 */
#ifndef XDPSHARK_CLOCK_H
#define XDPSHARK_CLOCK_H

#include <glib.h>

typedef struct Clock Clock;

/* Takes a first sample. */
Clock *clock_new(void);
void clock_free(Clock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clock, clock_free)

/* Forgets all samples and takes a first one: to be called once the offset of monotonic_now() is
 * known, before the first packet. */
void clock_restart(Clock *clock);

/* A descriptor that becomes readable when the wall clock is stepped: call clock_sample() then, at
 * once. -1 if the kernel gives none; it is the clock's. */
int clock_step_fd(const Clock *clock);

/* Compares the two clocks; to be called once a round of reading, at most some 100 ms apart. NTP's
 * slewing bends both clocks alike, so that only steps (settimeofday, leap seconds, suspend) change
 * the offset: a change over the error of measurement is kept with the time at which it was seen. */
void clock_sample(Clock *clock);

/* Wall-clock time, ns since 1970 UTC, of a packet that was taken at monotonic ns: with the offset
 * that held then, also if the packet waited in the ring while the clock was stepped. A step counts
 * from the sample that saw it. */
guint64 clock_realtime(const Clock *clock, guint64 monotonic);

/* For tests: the same with samples that the caller makes (monotonic and realtime of one instant,
 * and how far apart they may be, all ns), in the order of monotonic time. */
void clock_add_sample(Clock *clock, guint64 monotonic, guint64 realtime, guint64 uncertainty);

#endif /* XDPSHARK_CLOCK_H */
