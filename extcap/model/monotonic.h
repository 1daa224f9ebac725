/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock by which the kernel timestamps packets.
 */
#ifndef XDPSHARK_MONOTONIC_H
#define XDPSHARK_MONOTONIC_H

#include <glib.h>

/* CLOCK_MONOTONIC of the initial time namespace now, in ns: what bpf_ktime_get_ns() returns. Before
 * monotonic_set_offset(), that of this process's time namespace. */
guint64 monotonic_now(void);

/* How far the clock of the initial time namespace is ahead of this process's, in ns: usually 0.
 * xdpshark-hookd measures it when a session is opened (see kernel_clock.h) and passes it to the
 * program. */
void monotonic_set_offset(gint64 offset);
gint64 monotonic_offset(void);

#endif /* XDPSHARK_MONOTONIC_H */
