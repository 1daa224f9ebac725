// SPDX-License-Identifier: GPL-2.0-or-later
#include "flow.h"

/* How often a frame may change where paths meet, before we give up on its numbers. */
#define CHANGES_MAX 8

/* Checking this many instructions for pending paths costs as much as a step. */
#define LOOKS_A_STEP 16

/* So does comparing this many places of two frames. */
#define COMPARISONS_A_STEP 256

/* An instruction where paths meet, or a call. */
typedef struct {
	Frame *frame;
	guint changes;
	gboolean pending; /* has yet to be followed from here */
} Stop;

struct Flow {
	const Code *code;
	GHashTable *stops; /* by instruction: Stop */
	guint *steps;
	FlowVisitor *visit; /* NULL: nobody looks */
	gpointer data;
};

static void stop_free(gpointer data)
{
	Stop *stop = data;

	g_free(stop->frame);
	g_free(stop);
}

static Stop *stop_at(const Flow *flow, guint32 at)
{
	return g_hash_table_lookup(flow->stops, GUINT_TO_POINTER(at));
}

static Stop *add_stop(Flow *flow, guint32 at)
{
	Stop *stop = stop_at(flow, at);

	if (!stop) {
		stop = g_new0(Stop, 1);
		g_hash_table_insert(flow->stops, GUINT_TO_POINTER(at), stop);
	}
	return stop;
}

/* A path reaches a jump target. */
static void arrive(Flow *flow, guint32 at, const Frame *frame)
{
	Stop *stop = add_stop(flow, at);
	const guint places = frame_place_count(frame);

	*flow->steps -= MIN(*flow->steps, places * places / COMPARISONS_A_STEP);
	if (!stop->frame) {
		stop->frame = frame_copy(frame);
		stop->pending = TRUE;
	} else if (frame_join(stop->frame, frame, at, stop->changes >= CHANGES_MAX)) {
		stop->changes++;
		stop->pending = TRUE;
	}
}

/* What is known before a call only gets weaker: the last is the weakest. */
static void remember(Flow *flow, guint32 at, const Frame *frame)
{
	Stop *stop = add_stop(flow, at);

	g_free(stop->frame);
	stop->frame = frame_copy(frame);
}

/* Follows a conditional jump to its target; FALSE if it is always taken. */
static gboolean follow_jump(Flow *flow, guint32 at, Frame *frame)
{
	const struct bpf_insn *insn = &flow->code->insns[at];
	const Jump jump = frame_jump(frame, insn);
	Frame taken;

	if (jump != JUMP_NEVER) {
		frame_assign(&taken, frame);
		if (frame_learn(&taken, insn, TRUE))
			arrive(flow, code_target(flow->code, at), &taken);
	}
	return jump != JUMP_ALWAYS && frame_learn(frame, insn, FALSE);
}

/* Where a path continues after an instruction; G_MAXUINT32: nowhere. */
static guint32 follow_insn(Flow *flow, guint32 at, Frame *frame)
{
	const struct bpf_insn *insn = &flow->code->insns[at];

	switch (code_kind(insn)) {
	case CODE_STEP:
		frame_step(frame, insn, at);
		return at + 1;
	case CODE_WIDE:
		frame_step(frame, insn, at);
		return at + 2;
	case CODE_GOTO:
		arrive(flow, code_target(flow->code, at), frame);
		return G_MAXUINT32;
	case CODE_JUMP:
		return follow_jump(flow, at, frame) ? at + 1 : G_MAXUINT32;
	case CODE_TAIL_CALL:
		remember(flow, at, frame);
		frame_tail_call(frame);
		return at + 1;
	case CODE_CALL_FUNCTION:
		remember(flow, at, frame);
		frame_call(frame, insn);
		return at + 1;
	case CODE_CALL:
		frame_call(frame, insn);
		return at + 1;
	default:
		return G_MAXUINT32;
	}
}

static gboolean is_call(const Code *code, guint32 at)
{
	const CodeKind kind = code_kind(&code->insns[at]);

	return kind == CODE_TAIL_CALL || kind == CODE_CALL_FUNCTION;
}

/* FALSE: the visitor knows enough. */
static gboolean show(const Flow *flow, guint32 at, const Frame *frame)
{
	const struct bpf_insn *insn = &flow->code->insns[at];
	const guint8 class = BPF_CLASS(insn->code);

	if (!flow->visit || (class != BPF_ST && class != BPF_STX && !is_call(flow->code, at) &&
			     code_kind(insn) != CODE_CALL))
		return TRUE;
	return flow->visit(frame, insn, flow->data);
}

/* Follows one straight path; FALSE if it takes too many steps, or the visitor knows enough. */
static gboolean follow_path(Flow *flow, guint32 at, guint32 end)
{
	const guint32 start = at;
	Frame frame;

	frame_assign(&frame, stop_at(flow, at)->frame);
	while (at < end) {
		if (*flow->steps == 0)
			return FALSE;
		*flow->steps -= 1;
		if (at != start && (flow->code->marks[at] & CODE_MARK_TARGET)) {
			arrive(flow, at, &frame);
			break;
		}
		if (!show(flow, at, &frame))
			return FALSE;
		at = follow_insn(flow, at, &frame);
	}
	return TRUE;
}

/* Follows paths in the order of the instructions until nothing changes: a backward jump causes
 * another round. */
static gboolean follow_function(Flow *flow, const CodeFunction *function)
{
	gboolean again = TRUE;
	Frame frame;

	/* What is visited may stand in for another program's function, and have other arguments. */
	frame_begin(&frame, function->start == 0 && !flow->visit);
	arrive(flow, function->start, &frame);
	while (again) {
		const guint looks = 1 + (function->end - function->start) / LOOKS_A_STEP;

		*flow->steps -= MIN(*flow->steps, looks);
		again = FALSE;
		for (guint32 at = function->start; at < function->end; at++) {
			Stop *stop = stop_at(flow, at);

			if (!stop || !stop->pending)
				continue;
			stop->pending = FALSE;
			again = TRUE;
			if (!follow_path(flow, at, function->end))
				return FALSE;
		}
	}
	return TRUE;
}

static Flow *begin(const Code *code, guint *steps)
{
	Flow *flow = g_new0(Flow, 1);

	flow->code = code;
	flow->steps = steps;
	flow->stops = g_hash_table_new_full(NULL, NULL, NULL, stop_free);
	return flow;
}

gboolean flow_visit(const Code *code, guint *steps, FlowVisitor *visit, gpointer data)
{
	g_autoptr(Flow) flow = begin(code, steps);

	flow->visit = visit;
	flow->data = data;
	return follow_function(flow, &g_array_index(code->functions, CodeFunction, 0));
}

Flow *flow_new(const Code *code, guint *steps)
{
	g_autoptr(Flow) flow = begin(code, steps);

	for (guint i = 0; i < code->functions->len; i++) {
		const CodeFunction *function = &g_array_index(code->functions, CodeFunction, i);

		if (function->relevant && !follow_function(flow, function))
			return NULL;
	}
	return g_steal_pointer(&flow);
}

void flow_free(Flow *flow)
{
	if (!flow)
		return;
	g_hash_table_unref(flow->stops);
	g_free(flow);
}

const Frame *flow_before(const Flow *flow, guint32 call)
{
	const Stop *stop = is_call(flow->code, call) ? stop_at(flow, call) : NULL;

	return stop ? stop->frame : NULL;
}
