/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the packets of a capture come from: the rings of its programs (reader.h), or a stream that
 * comes from elsewhere, such as another host. Several inputs are merged in order of time.
 *
 * An input is a table of operations. They are called for runs of packets, never for single ones.
 */
#ifndef XDPSHARK_INPUT_H
#define XDPSHARK_INPUT_H

#include <glib.h>

#include "clock.h"
#include "counts.h"
#include "pace.h"
#include "stream.h"

typedef struct Input Input;

/* Stands for the time of the next packet if there is none. */
#define INPUT_EMPTY G_MAXUINT64

/* What to move in one go. */
typedef struct {
	Stream *stream;
	const Clock *clock;
	GByteArray *out;
	gsize size;    /* the run ends when out is this long */
	guint64 count; /* or when the stream has this many packets; 0: no limit */
	guint64 until; /* or at the first packet later than this, in ns since 1970 UTC; INPUT_EMPTY:
			  no limit */
	guint64 now;   /* monotonic, in ns; 0: packets of other inputs are not waited for */
	guint64 *latest; /* of the packets moved so far, in ns since 1970 UTC; NULL: there is one
			    input */
	guint64 settled; /* or at the first packet that came later than this, monotonic, in ns */
} InputRun;

static inline gboolean input_run_is_over(const InputRun *run)
{
	return run->out->len >= run->size ||
	       (run->count > 0 && stream_packets(run->stream) >= run->count);
}

typedef struct {
	/* Looks for packets; now is monotonic, in ns. What comes later is left for the next look.
	 * final: nothing more will come. */
	void (*look)(Input *input, guint64 now, gboolean final);
	/* How much the last look found. */
	PaceLoad (*load)(const Input *input);
	/* The time of the oldest packet that the last look found, in ns since 1970 UTC, or
	 * INPUT_EMPTY. */
	guint64 (*peek)(Input *input, const Clock *clock);
	/* Since when that packet has been here: monotonic, in ns; 0 if there is no room to wait
	 * with it. Only after peek(). */
	guint64 (*since)(Input *input);
	/* TRUE if nothing will come for now, so that others need not wait: it has ended, or not
	 * begun. NULL: never. */
	gboolean (*absent)(const Input *input);
	/* Appends its interfaces to the head of a file; NULL: the stream has them. */
	void (*append_head)(Input *input, Stream *stream, GByteArray *out);
	/* Appends packets to the stream in order of time, until the run is over, or the next packet
	 * is too late for it or missing. */
	void (*move)(Input *input, const InputRun *run);
	/* Gives back the room of all packets that were moved. */
	void (*release)(Input *input);
	/* TRUE if there are packets that were not moved yet, including those still on their way. */
	gboolean (*pending)(const Input *input);
	/* A descriptor that becomes readable when the input wants to wake the reader, until
	 * acknowledge(). */
	int (*fd)(const Input *input);
	void (*acknowledge)(Input *input);
	/* Makes the next packet wake the reader, once. A last look must follow before sleeping. */
	void (*arm)(Input *input);
	/* Makes the input wake the reader, once, when it runs out of room. */
	void (*set_alarms)(Input *input);
	/* What the verdicts of its packets are, and the slots of its counts; NULL: those of several
	 * types. The operation is NULL where the stream's points say it. */
	const SourceType *(*source)(const Input *input);
	/* Adds the counts of its packets. */
	void (*count)(const Input *input, Counts *sum);
	/* Appends its statistics at the end. Times are monotonic, in ns. */
	void (*append_statistics)(Input *input, Stream *stream, GByteArray *out, guint64 start,
				  guint64 end);
} InputType;

/* The first member of every input. */
struct Input {
	const InputType *type;
};

/* The same for all inputs (Input *) of a capture. */
void inputs_look(const GPtrArray *inputs, guint64 now, gboolean final);
PaceLoad inputs_load(const GPtrArray *inputs);
void inputs_release(const GPtrArray *inputs);
/* TRUE if the last look found a packet that was not moved. */
gboolean inputs_have_packet(const GPtrArray *inputs, const Clock *clock);
gboolean inputs_pending(const GPtrArray *inputs);
void inputs_acknowledge(const GPtrArray *inputs);
void inputs_arm(const GPtrArray *inputs);
void inputs_set_alarms(const GPtrArray *inputs);
void inputs_count(const GPtrArray *inputs, Counts *ret_sum);
void inputs_append_statistics(const GPtrArray *inputs, Stream *stream, GByteArray *out,
			      guint64 start, guint64 end);

void inputs_append_head(const GPtrArray *inputs, Stream *stream, GByteArray *out);

/* An input that has nothing at the moment may still bring something older: the packets of others
 * wait for that, but only for so long, in ns. */
#define INPUT_PATIENCE_NS G_GUINT64_CONSTANT(900000000)

/* Moves packets until the run is over. FALSE if it has moved all that the last look found, except
 * for what has to wait for other inputs. */
gboolean inputs_move(const GPtrArray *inputs, InputRun *run);

#endif /* XDPSHARK_INPUT_H */
