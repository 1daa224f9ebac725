/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that xdpshark-hookd needs while it serves. Any other ends it (SIGSYS).
 */
#ifndef XDPSHARK_SYSCALL_FILTER_H
#define XDPSHARK_SYSCALL_FILTER_H

/* For this process and all threads that it starts. Returns 0 or a negative errno. A build with
 * sanitizers, whose runtime makes calls of its own, gets no filter. */
int syscall_filter_load(void);

#endif /* XDPSHARK_SYSCALL_FILTER_H */
