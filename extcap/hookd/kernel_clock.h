/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's clock shows to programs: in a time namespace CLOCK_MONOTONIC is another one.
 */
#ifndef XDPSHARK_KERNEL_CLOCK_H
#define XDPSHARK_KERNEL_CLOCK_H

#include <glib.h>

#define KERNEL_CLOCK_ERROR (kernel_clock_error_quark())
GQuark kernel_clock_error_quark(void);

/* Has a program read the clock, and sets the offset of monotonic_now() by that, exact to some
 * microseconds. Does so once: a process stays in its time namespace. */
gboolean kernel_clock_learn(GError **error);

#endif /* XDPSHARK_KERNEL_CLOCK_H */
