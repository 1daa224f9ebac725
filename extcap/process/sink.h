/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams of lines that are never waited for: standard error and the log, whose reader may be slow,
 * stand still, or be a terminal that somebody has stopped. A thread of their own writes; what it
 * cannot get rid of is left out, and counted.
 */
#ifndef XDPSHARK_SINK_H
#define XDPSHARK_SINK_H

#include <glib.h>
#include <stdio.h>

/* The line that stands for so many others, to be freed by g_free(). */
typedef char *SinkNote(guint lines);

/* From now on *stream (stderr, say) is one that is never waited for; what it was gets the lines, as
 * far as it takes them at once. */
void sink_take_over(FILE **stream, SinkNote *note);

/* Starts the threads, which write what has not been taken yet, and all that comes. Privileges are
 * dropped before. One that cannot be started is done without: then what is not taken at once is
 * left out. */
void sink_start(void);

/* Gives all of them a moment to write what they hold: for the end of the process. What is printed
 * after that to one that stands still is lost. */
void sink_finish(void);

#endif /* XDPSHARK_SINK_H */
