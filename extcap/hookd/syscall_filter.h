/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that xdpshark-hookd needs while it serves. Any other kills it (SIGSYS).
 */
#ifndef XDPSHARK_SYSCALL_FILTER_H
#define XDPSHARK_SYSCALL_FILTER_H

/* Loads the filter for this process and all threads that it starts. Returns 0 or a negative errno.
 * Builds with sanitizers get no filter, since their runtime makes other calls. */
int syscall_filter_load(void);

#endif /* XDPSHARK_SYSCALL_FILTER_H */
