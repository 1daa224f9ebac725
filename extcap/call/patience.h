/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long xdpshark-hookd may take to answer. Whatever keeps it, its caller does not wait forever.
 */
#ifndef XDPSHARK_PATIENCE_H
#define XDPSHARK_PATIENCE_H

#include <glib.h>
#include <sys/types.h>

#include "channel.h"

/* For one answer. Times are monotonic, in us. */
typedef struct {
	pid_t pid;
	int cancel_fd;
	gint64 deadline;
	gint64 stopped_since; /* 0: the process is not stopped */
	gboolean canceled;
	gboolean over;
} Patience;

/* Begins to wait for the answer to a method from our child pid (0: not our child). Once cancel_fd
 * (-1: none) becomes readable, somebody wants to end, and the wait lasts a few more seconds at
 * most. */
Patience patience_begin(const char *method, pid_t pid, int cancel_fd);

/* Points to patience, which must outlive it. */
ChannelPatience patience_for_channel(Patience *patience);

/* Sets the error for a wait that has run out: what keeps the process, and what to do about it
 * (BROKER_ERROR_SILENT). */
void patience_set_error(const Patience *patience, const char *method, GError **error);

#endif /* XDPSHARK_PATIENCE_H */
