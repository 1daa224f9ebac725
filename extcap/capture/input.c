// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.h"

#include <string.h>

static Input *input_at(const GPtrArray *inputs, guint index)
{
	return g_ptr_array_index(inputs, index);
}

void inputs_look(const GPtrArray *inputs, guint64 now, gboolean final)
{
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->look(input_at(inputs, i), now, final);
}

PaceLoad inputs_load(const GPtrArray *inputs)
{
	PaceLoad sum = { 0 };

	for (guint i = 0; i < inputs->len; i++) {
		PaceLoad load = input_at(inputs, i)->type->load(input_at(inputs, i));

		sum.bytes += load.bytes;
		sum.fullest = MAX(sum.fullest, load.fullest);
	}
	return sum;
}

void inputs_release(const GPtrArray *inputs)
{
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->release(input_at(inputs, i));
}

gboolean inputs_pending(const GPtrArray *inputs)
{
	for (guint i = 0; i < inputs->len; i++)
		if (input_at(inputs, i)->type->pending(input_at(inputs, i)))
			return TRUE;
	return FALSE;
}

void inputs_acknowledge(const GPtrArray *inputs)
{
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->acknowledge(input_at(inputs, i));
}

void inputs_arm(const GPtrArray *inputs)
{
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->arm(input_at(inputs, i));
}

void inputs_set_alarms(const GPtrArray *inputs)
{
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->set_alarms(input_at(inputs, i));
}

void inputs_count(const GPtrArray *inputs, Counts *ret_sum)
{
	memset(ret_sum, 0, sizeof(*ret_sum));
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->count(input_at(inputs, i), ret_sum);
}

void inputs_append_statistics(const GPtrArray *inputs, Stream *stream, GByteArray *out,
			      guint64 start, guint64 end)
{
	for (guint i = 0; i < inputs->len; i++)
		input_at(inputs, i)->type->append_statistics(input_at(inputs, i), stream, out,
							     start, end);
}

/* The input with the oldest packet, and the time up to which its packets remain the oldest; NULL if
 * all are empty. */
static Input *find_oldest(const GPtrArray *inputs, const Clock *clock, guint64 *ret_until)
{
	guint64 oldest = INPUT_EMPTY, until = INPUT_EMPTY;
	Input *found = NULL;

	for (guint i = 0; i < inputs->len; i++) {
		Input *input = input_at(inputs, i);
		guint64 time = input->type->peek(input, clock);

		if (time < oldest) {
			until = oldest;
			oldest = time;
			found = input;
		} else {
			until = MIN(until, time);
		}
	}
	*ret_until = until;
	return found;
}

gboolean inputs_have_packet(const GPtrArray *inputs, const Clock *clock)
{
	guint64 until;

	return find_oldest(inputs, clock, &until) != NULL;
}

gboolean inputs_move(const GPtrArray *inputs, InputRun *run)
{
	while (!input_run_is_over(run)) {
		Input *oldest = find_oldest(inputs, run->clock, &run->until);

		if (!oldest)
			return FALSE;
		oldest->type->move(oldest, run);
	}
	return TRUE;
}
