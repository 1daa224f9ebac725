/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Waits until the kernel has freed programs, so that never too many are left to be freed: on Linux
 * 6.18 some thousand of them at a time have hung BPF, and with it the machine, until it was started
 * anew (all workers of a queue wait for the lock on the memory of compiled programs, and its holder
 * for a purge that needs a worker). A program is freed some time after its last descriptor was
 * closed or its socket has got another filter: behind a grace period, by a worker. */
#ifndef TESTS_CORE_BACKLOG_H
#define TESTS_CORE_BACKLOG_H

/* To be called after so many programs or classic filters were let go: waits if that has made
 * BACKLOG_MOST since it was waited for last. Not to be called by several threads. */
void backlog_add(unsigned int programs);

#define BACKLOG_MOST 40

#endif
