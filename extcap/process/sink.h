/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams of lines that never block: standard error and the log. Their reader may be slow or
 * stopped, or be a terminal that somebody has paused. Each has a thread that writes; lines that it
 * cannot get rid of are dropped, and counted.
 */
#ifndef XDPSHARK_SINK_H
#define XDPSHARK_SINK_H

#include <glib.h>
#include <stdio.h>

/* The line that stands for this many dropped ones. Free with g_free(). */
typedef char *SinkNote(guint lines);

/* From now on *stream (stderr, say) never blocks. The original stream gets the lines, as far as it
 * takes them at once. */
void sink_take_over(FILE **stream, SinkNote *note);

/* Starts the threads, which write what is still waiting and all that follows. Drop privileges
 * before. If a thread cannot be started, lines that cannot be written at once are dropped. */
void sink_start(void);

/* At the end of the process: gives all of them a moment to write what they hold. Anything printed
 * later to a stream that blocks is lost. */
void sink_finish(void);

#endif /* XDPSHARK_SINK_H */
