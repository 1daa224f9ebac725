/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When somebody steps the wall clock.
 */
#ifndef XDPSHARK_CLOCK_STEP_H
#define XDPSHARK_CLOCK_STEP_H

/* Returns a descriptor that is readable when the clock is stepped; -1: the system does not say so,
 * and the clock is sampled all the same. */
int clock_step_open(void);

#endif /* XDPSHARK_CLOCK_STEP_H */
