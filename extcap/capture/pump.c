// SPDX-License-Identifier: GPL-2.0-or-later
#include "pump.h"

#include "monotonic.h"

/* Written at once: in large pieces, a packet costs little. */
#define BATCH_SIZE    ((gsize)256 * 1024)
/* After this many, the main loop gets a turn. */
#define ROUND_BATCHES 16

/* How often pump_drain() checks whether it is cancelled. */
#define DRAIN_SLICE_MS 100

static const PumpState flushed[] = {
	[OUTPUT_EMPTY] = PUMP_SOME,
	[OUTPUT_BLOCKED] = PUMP_BLOCKED,
	[OUTPUT_CLOSED] = PUMP_CLOSED,
	[OUTPUT_FAILED] = PUMP_FAILED,
};

PumpState pump_flush(const Pump *pump, GError **error)
{
	if (pump->copy)
		copy_take(pump->copy, pump->output);
	return flushed[output_flush(pump->output, error)];
}

static gboolean count_reached(const Pump *pump)
{
	return pump->count > 0 && stream_packets(pump->stream) >= pump->count;
}

static gsize batch_room(const Pump *pump)
{
	gsize room = pump->rotation ? rotation_room(pump->rotation, pump->output) : BATCH_SIZE;

	/* However small the files are to be: each gets a packet. */
	return CLAMP(room, 1, BATCH_SIZE);
}

/* The next packet would be one too many for the current file. As in tcpdump there is no further
 * file before there is a packet for it. */
static gboolean file_is_full(const Pump *pump)
{
	return pump->rotation && rotation_room(pump->rotation, pump->output) == 0 &&
	       inputs_have_packet(pump->inputs, pump->clock);
}

/* Completes the current file and goes on with another one, if it is time to. A file is never
 * waited for. */
static PumpState change_file(const Pump *pump, gboolean by_time, GError **error)
{
	guint64 now = monotonic_now();
	gboolean over = by_time && pump->rotation && rotation_is_over(pump->rotation);
	PumpState state;

	if (!over && !file_is_full(pump))
		return PUMP_SOME;
	if (over && rotation_ends(pump->rotation))
		return PUMP_FILES;
	inputs_append_statistics(pump->inputs, pump->stream, output_pending(pump->output),
				 pump->start, now);
	if (pump->copy)
		copy_take(pump->copy, pump->output);
	state = flushed[output_settle(pump->output, error)];
	if (state != PUMP_SOME)
		return state;
	if (!rotation_next(pump->rotation, pump->output, error))
		return PUMP_FAILED;
	stream_restart(pump->stream, now);
	stream_append_head(pump->stream, output_pending(pump->output));
	inputs_append_head(pump->inputs, pump->stream, output_pending(pump->output));
	return pump_flush(pump, error);
}

/* Moves packets from the inputs to the output's buffer until that holds a batch. FALSE if none is
 * left of those that the last look saw, or that the count allows. now: monotonic, in ns; 0: nothing
 * more will come. */
static gboolean fill_batch(const Pump *pump, guint64 now)
{
	GByteArray *pending = output_pending(pump->output);
	InputRun run = {
		.stream = pump->stream,
		.clock = pump->clock,
		.out = pending,
		.size = pending->len + batch_room(pump),
		.count = pump->count,
		.now = now,
		.latest = pump->latest,
	};

	return inputs_move(pump->inputs, &run) && !count_reached(pump);
}

PumpState pump_round(const Pump *pump, GError **error)
{
	guint64 before = stream_packets(pump->stream), now = monotonic_now();
	PumpState state = PUMP_SOME;
	gboolean more = TRUE;

	clock_sample(pump->clock);
	inputs_look(pump->inputs, now, FALSE);
	for (guint batch = 0; more && state == PUMP_SOME && batch < ROUND_BATCHES; batch++) {
		/* A step of the clock counts from here on, unless it was noticed before. */
		if (batch > 0)
			clock_sample(pump->clock);
		state = change_file(pump, TRUE, error);
		if (state != PUMP_SOME)
			break;
		more = fill_batch(pump, now);
		state = pump_flush(pump, error);
	}
	inputs_release(pump->inputs);
	if (state == PUMP_SOME && !stream_check(pump->stream, error))
		return PUMP_FAILED;
	if (state != PUMP_SOME)
		return state;
	if (count_reached(pump))
		return PUMP_COUNTED;
	if (more)
		return PUMP_MORE;
	return stream_packets(pump->stream) == before && !inputs_pending(pump->inputs) ? PUMP_EMPTY
										       : PUMP_SOME;
}

/* Writes all that is pending, until it is done, the output fails, the time is up or it is
 * cancelled. */
static PumpState finish_output(const Pump *pump, guint64 deadline, PumpCancelled *is_cancelled,
			       gpointer data, GError **error)
{
	static const char text[] = "%s: its reader takes nothing more: the packets that were "
				   "captured last are not written";
	PumpState state;

	if (pump->copy)
		copy_take(pump->copy, pump->output);
	/* An output that takes all of it is not worth cancelling. */
	do
		state = flushed[output_finish(pump->output, DRAIN_SLICE_MS, error)];
	while (state == PUMP_BLOCKED && monotonic_now() < deadline && !is_cancelled(data));
	if (state != PUMP_BLOCKED)
		return state;
	/* Whoever cancelled it knows. */
	if (monotonic_now() < deadline) {
		g_warning(text, output_name(pump->output));
		return PUMP_BLOCKED;
	}
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN, text, output_name(pump->output));
	return PUMP_FAILED;
}

PumpState pump_drain(const Pump *pump, guint64 end, guint limit_ms, PumpCancelled *is_cancelled,
		     gpointer data, GError **error)
{
	guint64 deadline = end + (guint64)limit_ms * 1000000;
	gboolean more = TRUE;
	/* What waits already: what is not written begins with a whole packet then. */
	PumpState state = finish_output(pump, deadline, is_cancelled, data, error);

	if (state != PUMP_SOME)
		return state;
	inputs_look(pump->inputs, end, TRUE);
	while (more) {
		state = change_file(pump, FALSE, error);
		if (state != PUMP_SOME)
			return state;
		more = fill_batch(pump, 0);
		state = finish_output(pump, deadline, is_cancelled, data, error);
		if (state != PUMP_SOME)
			return state;
		inputs_release(pump->inputs);
	}
	if (!stream_check(pump->stream, error))
		return PUMP_FAILED;
	inputs_append_statistics(pump->inputs, pump->stream, output_pending(pump->output),
				 pump->start, end);
	return finish_output(pump, deadline, is_cancelled, data, error);
}

void pump_leave_whole_blocks(const Pump *pump)
{
	gsize length, written, partial;
	const guint8 *data = output_buffer(pump->output, &length, &written);
	gboolean head = output_written(pump->output) == written;

	stream_take_back(pump->stream, data, length, written, head, &partial);
	output_cut(pump->output, partial);
}
