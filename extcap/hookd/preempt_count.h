/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel keeps what a CPU is at: preempt_count(), which tells a process's work from that
 * of an interrupt.
 */
#ifndef XDPSHARK_PREEMPT_COUNT_H
#define XDPSHARK_PREEMPT_COUNT_H

#include <glib.h>

struct btf;

/* How many bytes behind a CPU's run queue it is, in the same area of the CPU: programs find the run
 * queue from the task, and need no address of a symbol, which many kernels do not show. 0 if the
 * count is elsewhere (with the task, on other processors than x86), or unknown. */
gint32 preempt_count_distance(const struct btf *kernel);

#endif /* XDPSHARK_PREEMPT_COUNT_H */
