/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves packets from the inputs through the stream to the output, in large pieces, and never waits
 * for the output while packets come.
 */
#ifndef XDPSHARK_PUMP_H
#define XDPSHARK_PUMP_H

#include <glib.h>

#include "clock.h"
#include "input.h"
#include "output.h"
#include "stream.h"

typedef struct {
	const GPtrArray *inputs; /* Input * */
	Stream *stream;
	Clock *clock;
	Output *output;
	guint64 count; /* of packets to write at most; 0: no limit */
} Pump;

typedef enum {
	PUMP_EMPTY,   /* there was nothing to read */
	PUMP_SOME,    /* all that was there is read and written */
	PUMP_MORE,    /* there is more to read right now */
	PUMP_BLOCKED, /* the output takes no more now */
	PUMP_COUNTED, /* as many packets as are wanted are written */
	PUMP_CLOSED,  /* the output's reader has gone away */
	PUMP_FAILED,  /* error tells why */
} PumpState;

/* Writes what is pending: PUMP_SOME, PUMP_BLOCKED, PUMP_CLOSED or PUMP_FAILED. */
PumpState pump_flush(const Pump *pump, GError **error);

/* Looks at the inputs once, and moves what is there, but no more than some MiB. */
PumpState pump_round(const Pump *pump, GError **error);

/* Says that somebody is tired of waiting. */
typedef gboolean PumpTired(gpointer data);

/* After the slots were emptied at the time `end`: what the inputs still hold, then their statistics
 * since `start` (both monotonic, in ns). Waits for the output for limit_ms, as
 * long as nobody is tired: PUMP_SOME if all is written. An output that takes nothing must not keep
 * the capture from ending: Wireshark kills after 30 s. */
PumpState pump_drain(const Pump *pump, guint64 start, guint64 end, guint limit_ms, PumpTired *tired,
		     gpointer data, GError **error);

/* When the output has failed or takes nothing: a file ends with a whole block, and only packets
 * that are written are counted as such. */
void pump_leave_whole_blocks(const Pump *pump);

#endif /* XDPSHARK_PUMP_H */
