/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock that BPF programs see: in a time namespace, CLOCK_MONOTONIC differs from it.
 */
#ifndef XDPSHARK_KERNEL_CLOCK_H
#define XDPSHARK_KERNEL_CLOCK_H

#include <glib.h>

#define KERNEL_CLOCK_ERROR (kernel_clock_error_quark())
GQuark kernel_clock_error_quark(void);

/* Measures the offset with a program that reads the clock, and sets that of monotonic_now(), exact
 * to a few microseconds. Only measures once: a process stays in its time namespace. */
gboolean kernel_clock_learn(GError **error);

#endif /* XDPSHARK_KERNEL_CLOCK_H */
