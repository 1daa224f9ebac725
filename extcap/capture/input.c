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

void inputs_append_head(const GPtrArray *inputs, Stream *stream, GByteArray *out)
{
	for (guint i = 0; i < inputs->len; i++)
		if (input_at(inputs, i)->type->append_head)
			input_at(inputs, i)->type->append_head(input_at(inputs, i), stream, out);
}

/* What find_oldest() sees of all inputs. */
typedef struct {
	guint64 until; /* the oldest packet's input goes first up to this time */
	gboolean gap;  /* an input without a packet may bring an older one */
} View;

/* The input with the oldest packet; NULL if all are empty. */
static Input *find_oldest(const GPtrArray *inputs, const Clock *clock, View *ret_view)
{
	guint64 oldest = INPUT_EMPTY;
	Input *found = NULL;

	*ret_view = (View){ .until = INPUT_EMPTY };
	for (guint i = 0; i < inputs->len; i++) {
		Input *input = input_at(inputs, i);
		guint64 time = input->type->peek(input, clock);

		if (time < oldest) {
			ret_view->until = oldest;
			oldest = time;
			found = input;
		} else {
			ret_view->until = MIN(ret_view->until, time);
		}
		if (time == INPUT_EMPTY && !(input->type->absent && input->type->absent(input)))
			ret_view->gap = TRUE;
	}
	return found;
}

/* How long the packets wait that are not the oldest. */
static guint64 others_since(const GPtrArray *inputs, const Clock *clock, const Input *oldest)
{
	guint64 since = G_MAXUINT64;

	for (guint i = 0; i < inputs->len; i++) {
		Input *input = input_at(inputs, i);

		if (input != oldest && input->type->peek(input, clock) != INPUT_EMPTY)
			since = MIN(since, input->type->since(input));
	}
	return since;
}

gboolean inputs_have_packet(const GPtrArray *inputs, const Clock *clock)
{
	View view;

	return find_oldest(inputs, clock, &view) != NULL;
}

/* Nobody knows yet whether these packets are the next ones. But a packet that has waited long
 * enough goes, and before it all that are older. FALSE: they all have to wait. */
static gboolean may_move(const GPtrArray *inputs, InputRun *run, Input *oldest, const View *view)
{
	guint64 limit = run->now > INPUT_PATIENCE_NS ? run->now - INPUT_PATIENCE_NS : 0;

	run->settled = G_MAXUINT64;
	if (run->now == 0 || !view->gap || others_since(inputs, run->clock, oldest) <= limit)
		return TRUE;
	run->settled = limit;
	return oldest->type->since(oldest) <= limit;
}

gboolean inputs_move(const GPtrArray *inputs, InputRun *run)
{
	while (!input_run_is_over(run)) {
		View view;
		Input *oldest = find_oldest(inputs, run->clock, &view);

		if (!oldest || !may_move(inputs, run, oldest, &view))
			return FALSE;
		run->until = view.until;
		oldest->type->move(oldest, run);
	}
	return TRUE;
}
