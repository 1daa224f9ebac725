// SPDX-License-Identifier: GPL-2.0-or-later
#include "leave.h"

/* Maximum numbers of paths still to be followed and of frames remembered. */
#define PATHS_MAX 256
#define SEEN_MAX  1024

/* Comparing this many frames costs as much as a step. */
#define COMPARISONS_A_STEP 4

/* A function in the chain, before the call in it. */
typedef struct {
	guint32 call;
	const Frame *before;
	Frame frame;	   /* the same, for the current index */
	guint32 label;	   /* of the number that the index shares bits with; 0: none */
	guint width;	   /* number of these bits */
	gboolean extended; /* all 64 bits of the number follow from the low 32 */
} Level;

/* A point after the call. `same` means that it no longer makes a difference whether the call has
 * failed: its function has returned the index to the caller. */
typedef struct {
	Frame frame;
	guint32 at;
	guint level;
	gboolean same;
	gboolean worked;   /* has called a helper or written to a map */
	guint32 worked_at; /* where, if so */
} Path;

typedef struct {
	const Code *code;
	guint *steps;
	Level levels[LEAVE_LEVELS];
	guint level_count;
	guint32 fixed_mask; /* these bits of the index are always the same: */
	guint32 fixed_bits;
	guint32 index;	  /* the current one */
	GPtrArray *paths; /* Path *, to be followed */
	GPtrArray *seen;  /* Path *, at jump targets */
	ProofSite *site;
} Leave;

/* Keeps the worst conclusion, and the first of equally bad ones. */
static void conclude(Leave *leave, ProofVerdict verdict, ProofReason reason, guint32 where)
{
	ProofSite *site = leave->site;

	if (verdict <= site->verdict)
		return;
	site->verdict = verdict;
	site->reason = reason;
	site->where = where;
	site->index = leave->index;
}

static void add_path(Leave *leave, const Path *path)
{
	if (leave->paths->len >= PATHS_MAX)
		conclude(leave, PROOF_UNDECIDED, PROOF_TOO_COMPLEX, path->at);
	else
		g_ptr_array_add(leave->paths, g_memdup2(path, sizeof(*path)));
}

/* True if a path has been followed from here that allowed everything that this one does. */
static gboolean was_seen(Leave *leave, const Path *path)
{
	*leave->steps -= MIN(*leave->steps, leave->seen->len / COMPARISONS_A_STEP);
	for (guint i = 0; i < leave->seen->len; i++) {
		const Path *other = g_ptr_array_index(leave->seen, i);

		if (other->at == path->at && other->level == path->level &&
		    other->same == path->same && other->worked == path->worked &&
		    frame_covers(&other->frame, &path->frame))
			return TRUE;
	}
	if (leave->seen->len < SEEN_MAX)
		g_ptr_array_add(leave->seen, g_memdup2(path, sizeof(*path)));
	return FALSE;
}

static gboolean is_index(const Leave *leave, const Content *value, guint64 mask)
{
	return value->kind == CONTENT_NUMBER && (value->bits.unknown & mask) == 0 &&
	       (value->bits.value & mask) == leave->index;
}

/* The end of the program. */
static void end_program(Leave *leave, const Path *path)
{
	const Content *result = &path->frame.registers[BPF_REG_0];
	const KnownBits low = known_bits_masked(result->bits, KNOWN_BITS_LOW32);
	const gboolean number = result->kind == CONTENT_NUMBER;
	KnownBits both;

	if (is_index(leave, result, KNOWN_BITS_LOW32)) {
		if (path->worked)
			conclude(leave, PROOF_UNDECIDED, PROOF_WORKS, path->worked_at);
		else
			conclude(leave, PROOF_PROVEN, PROOF_RETURNS_INDEX, path->at);
	} else if (number && known_bits_is_constant(low)) {
		leave->site->returned = (guint32)low.value;
		conclude(leave, PROOF_DISPROVEN, PROOF_RETURNS_OTHER, path->at);
	} else if (path->worked) {
		conclude(leave, PROOF_DISPROVEN, PROOF_WORKS_AND_RETURNS_UNKNOWN, path->worked_at);
	} else if (number && !known_bits_both(low, known_bits_constant(leave->index), &both)) {
		conclude(leave, PROOF_DISPROVEN, PROOF_RETURNS_UNKNOWN, path->at);
	} else {
		conclude(leave, PROOF_UNDECIDED, PROOF_RETURNS_UNKNOWN, path->at);
	}
}

/* The end of a function: its caller continues after the call. Had the tail call found a program,
 * the function would have returned the index. */
static void end_function(Leave *leave, const Path *path)
{
	const Content *result = &path->frame.registers[BPF_REG_0];
	const Level *caller = &leave->levels[path->level + 1];
	Path next = *path;

	next.same = path->same || is_index(leave, result, G_MAXUINT64);
	if (next.same && path->worked && !path->same)
		conclude(leave, PROOF_UNDECIDED, PROOF_WORKS, path->worked_at);
	next.level++;
	next.at = caller->call + 1;
	frame_assign(&next.frame, &caller->frame);
	frame_call(&next.frame, &leave->code->insns[caller->call]);
	next.frame.registers[BPF_REG_0] =
		result->kind == CONTENT_NUMBER ? *result : content_unknown(ORIGIN_MEMORY);
	next.frame.registers[BPF_REG_0].label = 0;
	next.frame.registers[BPF_REG_0].extended = FALSE;
	add_path(leave, &next);
}

static void note_work(Path *path)
{
	if (path->worked)
		return;
	path->worked = TRUE;
	path->worked_at = path->at;
}

/* Notes a store that would not happen with a program in the slot. */
static void note_store(Leave *leave, Path *path, const struct bpf_insn *insn)
{
	const Content *base = &path->frame.registers[insn->dst_reg];

	if (!frame_is_store(insn) || base->origins == ORIGIN_FRAME || path->same)
		return;
	if ((base->origins & ~(ORIGIN_FRAME | ORIGIN_MEMORY)) || base->origins == 0) {
		conclude(leave, PROOF_DISPROVEN, PROOF_WRITES, path->at);
	} else {
		note_work(path);
	}
}

static void note_call(Path *path)
{
	if (path->same)
		return;
	note_work(path);
}

static void note_tail_call(Leave *leave, Path *path)
{
	const Content *map = &path->frame.registers[BPF_REG_2];
	const Content *index = &path->frame.registers[BPF_REG_3];

	if (path->same)
		return;
	if (!is_index(leave, index, KNOWN_BITS_LOW32))
		conclude(leave, PROOF_DISPROVEN, PROOF_CALLS_AGAIN, path->at);
	else if (map->kind != CONTENT_MAP || map->bits.value != leave->site->map_id)
		conclude(leave, PROOF_UNDECIDED, PROOF_CALLS_ANOTHER, path->at);
}

static void jump(Leave *leave, Path *path, const struct bpf_insn *insn, gboolean *ret_ended)
{
	const Jump jump = frame_jump(&path->frame, insn);
	Path taken = *path;

	taken.at = code_target(leave->code, path->at);
	if (jump != JUMP_NEVER && frame_learn(&taken.frame, insn, TRUE))
		add_path(leave, &taken);
	*ret_ended = jump == JUMP_ALWAYS || !frame_learn(&path->frame, insn, FALSE);
	path->at++;
}

/* Applies one instruction; FALSE at the end of the path. */
static gboolean follow_insn(Leave *leave, Path *path)
{
	const struct bpf_insn *insn = &leave->code->insns[path->at];
	gboolean ended = FALSE;

	switch (code_kind(insn)) {
	case CODE_STEP:
		if (BPF_CLASS(insn->code) == BPF_ST || BPF_CLASS(insn->code) == BPF_STX)
			note_store(leave, path, insn);
		frame_step(&path->frame, insn, path->at++);
		break;
	case CODE_WIDE:
		frame_step(&path->frame, insn, path->at);
		path->at += 2;
		break;
	case CODE_GOTO:
		path->at = code_target(leave->code, path->at);
		break;
	case CODE_JUMP:
		jump(leave, path, insn, &ended);
		break;
	case CODE_TAIL_CALL:
		note_tail_call(leave, path);
		frame_tail_call(&path->frame);
		path->at++;
		break;
	case CODE_CALL_FUNCTION:
	case CODE_CALL:
		note_call(path);
		frame_call(&path->frame, insn);
		path->at++;
		break;
	case CODE_EXIT:
		if (path->level + 1 == leave->level_count)
			end_program(leave, path);
		else
			end_function(leave, path);
		return FALSE;
	default:
		conclude(leave, PROOF_UNDECIDED, PROOF_STRANGE, path->at);
		return FALSE;
	}
	return !ended;
}

static void follow_path(Leave *leave, Path *path)
{
	while (leave->site->verdict < PROOF_DISPROVEN) {
		if (*leave->steps == 0 || path->at >= leave->code->count) {
			conclude(leave, PROOF_UNDECIDED, PROOF_TOO_COMPLEX, path->at);
			return;
		}
		*leave->steps -= 1;
		if ((leave->code->marks[path->at] & CODE_MARK_TARGET) && was_seen(leave, path))
			return;
		if (!follow_insn(leave, path))
			return;
	}
}

static gboolean is_argument(const Leave *leave, guint level, guint32 label)
{
	return FRAME_IS_ARGUMENT(label) && level + 1 < leave->level_count;
}

/* The argument with that label of a function in the chain, as passed by its caller. */
static const Content *argument(const Leave *leave, guint level, guint32 label)
{
	return &leave->levels[level + 1].before->registers[label];
}

/* Follows the index from the tail call up to the function where it is not an argument. */
static void trace_index(Leave *leave)
{
	const Content *value = &leave->levels[0].before->registers[BPF_REG_3];
	guint width = 32;

	for (guint i = 0; value && i < leave->level_count; i++) {
		const KnownBits low = known_bits_masked(value->bits, KNOWN_BITS_LOW32);
		const guint32 label = value->shift == 0 ? value->label : 0;

		if (value->kind == CONTENT_NUMBER && known_bits_is_constant(low)) {
			leave->fixed_mask = (guint32)known_bits_lowest(width);
			leave->fixed_bits = (guint32)low.value & leave->fixed_mask;
		}
		width = MIN(width, value->width);
		leave->levels[i].label = label;
		leave->levels[i].width = width;
		value = is_argument(leave, i, label) ? argument(leave, i, label) : NULL;
	}
	for (guint i = leave->level_count; i-- > 0;) {
		Level *level = &leave->levels[i];
		const Level *caller = level + 1;

		if (!is_argument(leave, i, level->label))
			continue;
		value = argument(leave, i, level->label);
		level->extended = content_is_extended(value) ||
				  (value->width == 64 && value->shift == 0 && caller->label != 0 &&
				   value->label == caller->label && caller->extended);
	}
}

static guint32 trace_map(const Leave *leave)
{
	for (guint i = 0, n = BPF_REG_2; i < leave->level_count; i++) {
		const Content *value = &leave->levels[i].before->registers[n];

		if (value->kind == CONTENT_MAP)
			return (guint32)value->bits.value;
		if (value->width != 64 || value->shift != 0 || !FRAME_IS_ARGUMENT(value->label))
			break;
		n = value->label;
	}
	return 0;
}

/* Sets the index in all places that share bits with it. FALSE if the call cannot have that
 * index. */
static gboolean begin(Leave *leave, guint32 index)
{
	const Content *value = &leave->levels[0].frame.registers[BPF_REG_3];
	KnownBits both;

	leave->index = index;
	if ((index & leave->fixed_mask) != leave->fixed_bits)
		return FALSE;
	for (guint i = 0; i < leave->level_count; i++) {
		Level *level = &leave->levels[i];

		frame_assign(&level->frame, level->before);
		if (level->label != 0 && !frame_substitute(&level->frame, level->label,
							   level->width, level->extended, index))
			return FALSE;
	}
	return value->kind == CONTENT_NUMBER &&
	       known_bits_both(known_bits_masked(value->bits, KNOWN_BITS_LOW32),
			       known_bits_constant(index), &both);
}

/* Follows all paths after the tail call. */
static void look_at_index(Leave *leave, guint32 index)
{
	g_autofree Path *path = g_new0(Path, 1);

	if (!begin(leave, index))
		return;
	path->at = leave->levels[0].call + 1;
	frame_assign(&path->frame, &leave->levels[0].frame);
	frame_tail_call(&path->frame);
	add_path(leave, path);
	while (leave->paths->len > 0 && leave->site->verdict < PROOF_DISPROVEN) {
		g_autofree Path *next =
			g_ptr_array_steal_index_fast(leave->paths, leave->paths->len - 1);

		follow_path(leave, next);
	}
	g_ptr_array_set_size(leave->paths, 0);
	g_ptr_array_set_size(leave->seen, 0);
}

void leave_look(const Code *code, const Flow *flow, const LeaveChain *chain, guint *steps,
		ProofSite *ret_site)
{
	g_autofree Leave *leave = g_new0(Leave, 1);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);

	*ret_site = (ProofSite){ .call = chain->calls[0] };
	leave->code = code;
	leave->steps = steps;
	leave->paths = paths;
	leave->seen = seen;
	leave->site = ret_site;
	leave->level_count = chain->count;
	for (guint i = 0; i < chain->count; i++) {
		leave->levels[i].call = chain->calls[i];
		leave->levels[i].before = flow_before(flow, chain->calls[i]);
	}
	ret_site->map_id = trace_map(leave);
	trace_index(leave);
	for (guint32 index = 0; index < PROOF_INDICES && ret_site->verdict < PROOF_DISPROVEN;
	     index++)
		look_at_index(leave, index);
}
