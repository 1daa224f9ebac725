/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long xdpshark-hookd may take for an answer. Whatever keeps it, its caller does not wait for
 * ever.
 */
#ifndef XDPSHARK_PATIENCE_H
#define XDPSHARK_PATIENCE_H

#include <glib.h>
#include <sys/types.h>

#include "channel.h"

/* With one answer; times are monotonic, in us. */
typedef struct {
	pid_t pid;
	int cancel_fd;
	gint64 deadline;
	gint64 stopped_since; /* 0: the process is not stopped */
	gboolean canceled;
	gboolean over;
} Patience;

/* Begins to wait for an answer of our child pid (0: of somebody else) to the method. When cancel_fd
 * (-1: none) becomes readable, somebody wants to end, and some seconds more are all. */
Patience patience_begin(const char *method, pid_t pid, int cancel_fd);

/* It refers to patience. */
ChannelPatience patience_for_channel(Patience *patience);

/* When it is over: what keeps the process, and what to do about it (BROKER_ERROR_SILENT). */
void patience_set_error(const Patience *patience, const char *method, GError **error);

#endif /* XDPSHARK_PATIENCE_H */
