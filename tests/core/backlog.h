/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Waits until the kernel has freed programs, so that there are never too many left to free. On
 * Linux 6.18 some thousand of them at a time have hung BPF, and with it the machine, until a
 * reboot: all workers of a queue wait for the lock on the memory of compiled programs, and its
 * holder for a purge that needs a worker. A program is freed some time after its last descriptor is
 * closed or its socket gets another filter: by a worker, after a grace period. */
#ifndef TESTS_CORE_BACKLOG_H
#define TESTS_CORE_BACKLOG_H

/* Call this after releasing that many programs or classic filters: it waits if they add up to
 * BACKLOG_MOST since the last wait. Not thread-safe. */
void backlog_add(unsigned int programs);

#define BACKLOG_MOST 40

#endif
