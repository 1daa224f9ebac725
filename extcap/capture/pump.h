/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves packets from the inputs through the stream to the output, in large pieces. Never waits for
 * the output while packets come.
 */
#ifndef XDPSHARK_PUMP_H
#define XDPSHARK_PUMP_H

#include <glib.h>

#include "clock.h"
#include "copy.h"
#include "input.h"
#include "output.h"
#include "rotation.h"
#include "stream.h"

typedef struct {
	const GPtrArray *inputs; /* Input * */
	Stream *stream;
	Clock *clock;
	Output *output;
	Copy *copy;	    /* of what is written; NULL: none */
	Rotation *rotation; /* of its files; NULL: there is but one */
	guint64 start;	    /* of the capture; monotonic, in ns */
	guint64 *latest;    /* see InputRun */
	guint64 count;	    /* write at most this many packets; 0: no limit */
} Pump;

typedef enum {
	PUMP_EMPTY,   /* there was nothing to read */
	PUMP_SOME,    /* everything there was is read and written */
	PUMP_MORE,    /* there is more to read right now */
	PUMP_BLOCKED, /* the output takes no more at the moment */
	PUMP_COUNTED, /* the wanted number of packets is written */
	PUMP_FILES,   /* the wanted number of files is written */
	PUMP_CLOSED,  /* the output's reader has gone away */
	PUMP_FAILED,  /* error is set */
} PumpState;

/* Writes what is pending: PUMP_SOME, PUMP_BLOCKED, PUMP_CLOSED or PUMP_FAILED. */
PumpState pump_flush(const Pump *pump, GError **error);

/* Looks at the inputs once, and moves what is there, but only a few MiB. */
PumpState pump_round(const Pump *pump, GError **error);

/* Called while waiting; TRUE cancels. */
typedef gboolean PumpCancelled(gpointer data);

/* Writes the rest after the slots were emptied at the time `end`: what the inputs still hold, then
 * their statistics (monotonic, in ns). Waits for the output for up to limit_ms,
 * unless cancelled; PUMP_SOME if all is written. An output that takes nothing must not keep the
 * capture from ending: Wireshark kills it after 30 s. */
PumpState pump_drain(const Pump *pump, guint64 end, guint limit_ms, PumpCancelled *is_cancelled,
		     gpointer data, GError **error);

/* For an output that has failed or takes nothing: makes a file end with a whole block, and counts
 * only packets that were written. */
void pump_leave_whole_blocks(const Pump *pump);

#endif /* XDPSHARK_PUMP_H */
