/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the kernel's monotonic time of a packet into wall-clock time, also when the wall clock is
 * stepped during the capture.
 */
#ifndef XDPSHARK_CLOCK_H
#define XDPSHARK_CLOCK_H

#include <glib.h>

typedef struct Clock Clock;

/* Takes a first sample. */
Clock *clock_new(void);
void clock_free(Clock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clock, clock_free)

/* Forgets all samples and takes a first one. Call it before the first packet, when the offset of
 * monotonic_now() is known. */
void clock_restart(Clock *clock);

/* A descriptor that becomes readable when the wall clock is stepped: call clock_sample() at once
 * then. It is owned by the clock; -1 if the kernel has none. */
int clock_step_fd(const Clock *clock);

/* Compares the two clocks. Call it in each round of reading, no more than about 100 ms apart. NTP
 * slews both clocks alike, so only steps (settimeofday, leap seconds, suspend) change the offset: a
 * change larger than the error of measurement is kept, with the time at which it was seen. */
void clock_sample(Clock *clock);

/* Wall-clock time, in ns since 1970 UTC, of a packet that was captured at the monotonic time, in
 * ns. Uses the offset that applied then, even if the clock was stepped while the packet waited in
 * the ring. A step counts from the sample that saw it. */
guint64 clock_realtime(const Clock *clock, guint64 monotonic);

/* For tests: adds a sample, that is monotonic and real time of one instant and how far apart they
 * may be, all in ns. Samples must be in the order of monotonic time. */
void clock_add_sample(Clock *clock, guint64 monotonic, guint64 realtime, guint64 uncertainty);

#endif /* XDPSHARK_CLOCK_H */
