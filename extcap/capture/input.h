/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the packets of a capture come from: the rings of its programs (reader.h), or a stream that
 * is made elsewhere, on another host. Several are merged in the order of time.
 *
 * An input is a table of operations; they are called for a run of packets, never for each one.
 */
#ifndef XDPSHARK_INPUT_H
#define XDPSHARK_INPUT_H

#include <glib.h>

#include "clock.h"
#include "counts.h"
#include "pace.h"
#include "stream.h"

typedef struct Input Input;

/* The time of the next packet when there is none. */
#define INPUT_EMPTY G_MAXUINT64

/* What is to be moved at once. */
typedef struct {
	Stream *stream;
	const Clock *clock;
	GByteArray *out;
	gsize size;    /* of out: with so much in it, the run is over */
	guint64 count; /* of the stream's packets, likewise; 0: no limit */
	guint64 until; /* no packet later than this, in ns since 1970 UTC; or INPUT_EMPTY */
} InputRun;

static inline gboolean input_run_is_over(const InputRun *run)
{
	return run->out->len >= run->size ||
	       (run->count > 0 && stream_packets(run->stream) >= run->count);
}

typedef struct {
	/* Looks what there is; now is monotonic, in ns. What comes later is for the next look. With
	 * final set, nothing more comes. */
	void (*look)(Input *input, guint64 now, gboolean final);
	/* How much the last look found. */
	PaceLoad (*load)(const Input *input);
	/* The time of the oldest packet that the last look found, in ns since 1970 UTC, or
	 * INPUT_EMPTY. */
	guint64 (*peek)(Input *input, const Clock *clock);
	/* Appends packets to the stream in the order of time, until the run is over, or the next
	 * packet is too late for it or missing. */
	void (*move)(Input *input, const InputRun *run);
	/* Gives back the room of all packets that were moved. */
	void (*release)(Input *input);
	/* TRUE if there is something that was not moved, be it still on its way. */
	gboolean (*pending)(const Input *input);
	/* A descriptor that is readable when the input has something to say to a sleeper, until
	 * acknowledge(). */
	int (*fd)(const Input *input);
	void (*acknowledge)(Input *input);
	/* From now on the next packet makes the descriptor readable, once; a last look before
	 * sleeping must follow. */
	void (*arm)(Input *input);
	/* From now on so does too little room, once. */
	void (*set_alarms)(Input *input);
	/* Adds what became of its packets. */
	void (*count)(const Input *input, Counts *sum);
	/* Appends its statistics, at the end. Times are monotonic, in ns. */
	void (*append_statistics)(const Input *input, Stream *stream, GByteArray *out,
				  guint64 start, guint64 end);
} InputType;

/* The first member of each input. */
struct Input {
	const InputType *type;
};

/* The same for all inputs (Input *) of a capture. */
void inputs_look(const GPtrArray *inputs, guint64 now, gboolean final);
PaceLoad inputs_load(const GPtrArray *inputs);
void inputs_release(const GPtrArray *inputs);
gboolean inputs_pending(const GPtrArray *inputs);
void inputs_acknowledge(const GPtrArray *inputs);
void inputs_arm(const GPtrArray *inputs);
void inputs_set_alarms(const GPtrArray *inputs);
void inputs_count(const GPtrArray *inputs, Counts *ret_sum);
void inputs_append_statistics(const GPtrArray *inputs, Stream *stream, GByteArray *out,
			      guint64 start, guint64 end);

/* Moves packets until the run is over. FALSE if no packet that the last look found is left before.
 */
gboolean inputs_move(const GPtrArray *inputs, InputRun *run);

#endif /* XDPSHARK_INPUT_H */
