/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* A buffer of eBPF instructions with labels, for jumps of any length. */
#include "assembler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256

/* The verifier's limit on a program (BPF_COMPLEXITY_LIMIT_INSNS). */
#define INSNS_LIMIT ((size_t)1000 * 1000)

/* A jump whose label is still unbound after this many instructions is redirected to an island. That
 * leaves room for as many more jumps, each to a label of its own. */
#define JUMP_REACH ((size_t)INT16_MAX / 2 - ASSEMBLER_STRIDE)

int assembler_start(struct assembler *assembler, size_t label_count)
{
	*assembler = (struct assembler){ .room = FIRST_ROOM,
					 .jump_room = FIRST_ROOM,
					 .label_count = label_count,
					 .label_room = label_count };
	assembler->insns = calloc(assembler->room, sizeof(*assembler->insns));
	assembler->origins = calloc(assembler->room, sizeof(*assembler->origins));
	assembler->jumps = calloc(assembler->jump_room, sizeof(*assembler->jumps));
	assembler->labels = malloc(label_count * sizeof(*assembler->labels));
	assembler->wanted = calloc(label_count, sizeof(*assembler->wanted));
	if (!assembler->insns || !assembler->origins || !assembler->jumps || !assembler->labels ||
	    !assembler->wanted) {
		assembler_release(assembler);
		return -ENOMEM;
	}
	for (size_t i = 0; i < label_count; i++)
		assembler->labels[i] = -1;
	return 0;
}

void assembler_release(struct assembler *assembler)
{
	free(assembler->insns);
	free(assembler->origins);
	free(assembler->jumps);
	free(assembler->labels);
	free(assembler->wanted);
	*assembler = (struct assembler){ 0 };
}

static bool labels_grow(struct assembler *assembler)
{
	size_t room = assembler->label_room * 2;
	void *labels = realloc(assembler->labels, room * sizeof(*assembler->labels));
	void *wanted;

	if (!labels)
		return false;
	assembler->labels = labels;
	wanted = realloc(assembler->wanted, room * sizeof(*assembler->wanted));
	if (!wanted)
		return false;
	assembler->wanted = wanted;
	assembler->label_room = room;
	return true;
}

static bool assembler_grow(struct assembler *assembler)
{
	size_t room = assembler->room * 2;
	void *insns = realloc(assembler->insns, room * sizeof(*assembler->insns));
	void *origins;

	if (!insns)
		return false;
	assembler->insns = insns;
	origins = realloc(assembler->origins, room * sizeof(*assembler->origins));
	if (!origins)
		return false;
	assembler->origins = origins;
	assembler->room = room;
	return true;
}

void assembler_emit(struct assembler *assembler, struct bpf_insn insn)
{
	if (assembler->count == INSNS_LIMIT && !assembler->fault)
		assembler->fault = -E2BIG;
	if (!assembler->fault && assembler->count == assembler->room && !assembler_grow(assembler))
		assembler->fault = -ENOMEM;
	if (assembler->fault)
		return;
	assembler->origins[assembler->count] = assembler->origin;
	assembler->insns[assembler->count++] = insn;
	assembler->ended = insn.code == (BPF_JMP | BPF_EXIT) || insn.code == (BPF_JMP | BPF_JA);
}

static void jump_note(struct assembler *assembler, size_t index, size_t label)
{
	if (assembler->jump_count == assembler->jump_room) {
		size_t room = assembler->jump_room * 2;
		void *jumps = realloc(assembler->jumps, room * sizeof(*assembler->jumps));

		if (!jumps) {
			assembler->fault = -ENOMEM;
			return;
		}
		assembler->jumps = jumps;
		assembler->jump_room = room;
	}
	assembler->jumps[assembler->jump_count++] =
		(struct assembler_jump){ (uint32_t)index, (uint32_t)label };
}

static void jump_patch(struct assembler *assembler, size_t index, size_t target)
{
	int64_t distance = (int64_t)target - (int64_t)index - 1;

	if (distance < INT16_MIN || distance > INT16_MAX) {
		assembler->fault = -E2BIG;
		return;
	}
	assembler->insns[index].off = (int16_t)distance;
}

void assembler_jump(struct assembler *assembler, struct bpf_insn insn, size_t label)
{
	size_t index = assembler->count;

	assembler_emit(assembler, insn);
	if (assembler->fault)
		return;
	assembler->wanted[label] = true;
	jump_note(assembler, index, label);
}

size_t assembler_label(struct assembler *assembler)
{
	if (assembler->label_count == assembler->label_room && !labels_grow(assembler)) {
		assembler->fault = -ENOMEM;
		return 0;
	}
	assembler->labels[assembler->label_count] = -1;
	assembler->wanted[assembler->label_count] = false;
	return assembler->label_count++;
}

void assembler_bind(struct assembler *assembler, size_t label)
{
	/* Jumps to it are patched at the next island or at the end. */
	assembler->labels[label] = (int64_t)assembler->count;
	assembler->ended = false;
}

/* Patches the jumps whose labels are bound by now; keeps the others. */
static void jumps_settle(struct assembler *assembler)
{
	size_t kept = 0;

	for (size_t i = 0; i < assembler->jump_count; i++) {
		struct assembler_jump jump = assembler->jumps[i];

		if (assembler->labels[jump.label] >= 0)
			jump_patch(assembler, jump.index, (size_t)assembler->labels[jump.label]);
		else
			assembler->jumps[kept++] = jump;
	}
	assembler->jump_count = kept;
}

/* Emits a jump for each label that is still unbound, and redirects pending jumps there. */
static void island_emit(struct assembler *assembler)
{
	const struct bpf_insn ahead = { .code = BPF_JMP | BPF_JA };
	size_t waiting = assembler->jump_count;
	size_t over = assembler->count;
	bool ended = assembler->ended;
	size_t start;

	if (!ended)
		assembler_emit(assembler, ahead);
	start = assembler->count;
	for (size_t i = 0; i < waiting && !assembler->fault; i++) {
		struct assembler_jump jump = assembler->jumps[i];

		/* The first jump to a label emits the island's jump, which takes its place in the
		 * list. */
		if (assembler->labels[jump.label] < 0) {
			assembler->labels[jump.label] = (int64_t)assembler->count;
			jump_note(assembler, assembler->count, jump.label);
			assembler_emit(assembler, ahead);
		}
		jump_patch(assembler, jump.index, (size_t)assembler->labels[jump.label]);
	}
	if (assembler->fault)
		return;
	memmove(assembler->jumps, assembler->jumps + waiting,
		(assembler->jump_count - waiting) * sizeof(*assembler->jumps));
	assembler->jump_count -= waiting;
	for (size_t i = 0; i < assembler->jump_count; i++)
		assembler->labels[assembler->jumps[i].label] = -1;
	if (!ended && start != over)
		jump_patch(assembler, over, assembler->count);
	assembler->ended = ended;
}

void assembler_breathe(struct assembler *assembler)
{
	if (assembler->fault || assembler->jump_count == 0)
		return;
	if (assembler->count - assembler->jumps[0].index < JUMP_REACH)
		return;
	jumps_settle(assembler);
	if (assembler->jump_count == 0 || assembler->fault)
		return;
	/* At half the distance already, so that the walks over all jumps are rare. */
	if (assembler->count - assembler->jumps[0].index > JUMP_REACH / 2)
		island_emit(assembler);
}

int assembler_finish(struct assembler *assembler)
{
	jumps_settle(assembler);
	return assembler->fault;
}
