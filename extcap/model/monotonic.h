/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock that the kernel takes packets' times from.
 */
#ifndef XDPSHARK_MONOTONIC_H
#define XDPSHARK_MONOTONIC_H

#include <glib.h>

/* CLOCK_MONOTONIC now, in ns: what bpf_ktime_get_ns() returns. */
guint64 monotonic_now(void);

#endif /* XDPSHARK_MONOTONIC_H */
