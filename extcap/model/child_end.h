/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a process could not be started, and how one has ended, for messages.
 */
#ifndef XDPSHARK_CHILD_END_H
#define XDPSHARK_CHILD_END_H

#include <glib.h>

/* fork()'s errno. */
const char *child_start_reason(int reason);

/* "was killed ...", as status of waitpid() says; NULL if it has ended by itself. */
char *child_end_describe(int status);

/* The same of a child that has ended or is about to, without reaping it. */
char *child_end_of(pid_t pid);

#endif /* XDPSHARK_CHILD_END_H */
