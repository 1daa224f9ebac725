// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs that watch another program, of XDP or tc, which knows nothing of them: one runs when
 * that begins, one when it ends. They are attached to the function of the program, or to that of
 * the kernel which calls all XDP programs (bpf_dispatcher_xdp_func).
 *
 * One judgement decides for both sightings of a packet. It is made at entry, at exit, or at both;
 * what was seen at entry is kept as a run (run.bpf.h) until the program ends.
 */
#include <linux/pkt_cls.h>

#include "sighting.bpf.h"
/* after sighting.bpf.h, which says how much the source adds to a record */
#include "description.bpf.h"
#include "frame_id.bpf.h"
#include "run.bpf.h"
#include "view.bpf.h"

#define JUDGED(POINT)	(program_config.judged & XDPSHARK_AT_##POINT)
#define CAPTURED(POINT) (program_config.captured & XDPSHARK_AT_##POINT)
#define ATTACHED(POINT) (program_config.attached & XDPSHARK_AT_##POINT)

/* As source_tc of extcap/model/source_table.c has its verdicts. */
static __always_inline __u32 tc_slot(__s32 verdict)
{
	if (verdict == TC_ACT_OK)
		return 0;
	if (verdict == TC_ACT_SHOT)
		return 1;
	if (verdict == TC_ACT_REDIRECT)
		return 2;
	if (verdict == TC_ACT_UNSPEC)
		return 3;
	return verdict == TC_ACT_PIPE ? 4 : XDPSHARK_SLOT_OTHER;
}

/* Without KEEP() the compiler would see that no slot is out of bounds, and leave the mask away that
 * the verifier needs to see it. */
static __always_inline __u32 verdict_slot(const struct sighting *sighting)
{
	__u32 slot = sighting->verdict;

	/* Through memory, so that the verifier does not go through all for each. */
	if (sighting->is_skb)
		slot = number_of(sighting->side, (void *)(__u64)tc_slot(sighting->verdict));
	else if (slot >= XDPSHARK_ACTIONS)
		slot = XDPSHARK_SLOT_OTHER;
	KEEP(slot);
	return slot;
}

static __always_inline int is_wanted(const struct sighting *sighting)
{
	return !program_config.actions || (program_config.actions >> verdict_slot(sighting) & 1);
}

/* `same`: a constant, as in struct packet. */
static __always_inline int emit_sighting(struct sighting *sighting, struct xdpshark_cpu *state,
					 __u32 cpu, const int same)
{
	struct packet packet = {
		.wire_length = sighting->wire_length,
		.readable = sighting->readable,
		.verdict = sighting->verdict,
		.direction = sighting->direction,
		.number = sighting->number,
		.time = sighting->time,
		/* The program begins when ours ends. */
		.late = sighting->late,
		.same = same,
		.offset = sighting->record,
		.taken = sighting->taken,
	};
	int outcome;

	if (sighting->direction == XDPSHARK_ENTRY)
		packet.slot = XDPSHARK_SLOT_ENTRY;
	else
		packet.slot = verdict_slot(sighting);
	outcome = capture_matched(sighting, state, cpu, &packet);
	sighting->number = packet.number;
	sighting->time = packet.time;
	if (!same && outcome == XDPSHARK_CAPTURED) {
		sighting->record = packet.offset;
		sighting->taken = packet.taken;
	}
	return outcome;
}

/* Whether the packet is wanted no more: a brake has left it out. */
static __always_inline int is_left_out(int outcome)
{
	return outcome == XDPSHARK_SAMPLED || outcome == XDPSHARK_LIMITED;
}

/* Copies the packet to where it can wait. */
static __always_inline void hold(const struct sighting *sighting, struct run *run, __u8 *held)
{
	__u32 length = sighting->readable;

	if (length > config.snaplen)
		length = config.snaplen;
	run->held = length;
	if (length == 0 || source_copy((void *)sighting, held, length, config.snaplen))
		run->held = 0;
}

/* What the program cannot change of its packet, or does not. */
static __always_inline __u64 frame_of(const struct sighting *sighting)
{
	if (sighting->is_skb)
		return (__u64)sighting->skb;
	if (program_config.leaves)
		return (__u64)(sighting->direction == XDPSHARK_ENTRY ? sighting->data
								     : MEMBER(sighting->xdp, data));
	return (__u64)MEMBER(sighting->xdp, data_hard_start);
}

/* Keeps what was found out until the program ends. `shown`: the entry need not be held. */
static __always_inline void keep(struct sighting *sighting, struct runs *runs, __u32 cpu,
				 __u32 matched, __u32 shown)
{
	__u32 at = choose_run(runs);
	struct run *run = run_at(runs, sighting->side, at);
	__u8 *held;

	run->context = (__u64)context_of(sighting);
	run->order = ++runs->order;
	run->task = bpf_get_current_task();
	run->number = sighting->number;
	run->frame = frame_of(sighting);
	run->data = sighting->is_skb ? sighting->mark : (__u64)sighting->data;
	run->queue = sighting->queue;
	run->wire_length = sighting->wire_length;
	run->program = current_program(sighting);
	run->softirq = softirq_number();
	run->matched = matched;
	run->shown = shown;
	if (program_config.leaves) {
		run->record = sighting->record;
		run->taken = sighting->taken;
		run->held = sighting->readable;
	}
	if (program_config.held && !shown) {
		held = find_held(cpu, at);
		if (held)
			hold(sighting, run, held);
	}
	run->since = sighting->time ? sighting->time : bpf_ktime_get_ns();
}

/* A run that we know nothing of, be it that the packet would have been captured or not. */
static __always_inline void count_skipped(struct xdpshark_cpu *state)
{
	state->lost++;
	count(state, XDPSHARK_SLOT_SKIPPED, XDPSHARK_LOST_NO_RING);
}

/* Runs that have ended without our being called. While the program at exit is at work, that was
 * counted, by the kernel or by the program. */
static __always_inline void forget_lost(struct runs *runs, struct xdpshark_cpu *state,
					const struct sighting *sighting)
{
	__u64 context, task;

	if (!has_runs(runs))
		return;
	context = number_of(sighting->side, context_of(sighting));
	task = bpf_get_current_task();
#pragma unroll
	for (__u32 i = 0; i < RUNS; i++) {
		struct run *run = &runs->runs[i];

		/* A skb lies anywhere. */
		if (!run->context ||
		    !(sighting->is_skb ? run->context == context : is_over(run, context, task)))
			continue;
		run->context = 0;
		if (!*(volatile __u32 *)&runs->exit.busy)
			count_skipped(state);
	}
}

static __always_inline void look_at_entry(struct sighting *sighting, struct runs *runs,
					  struct xdpshark_cpu *state, __u32 cpu)
{
	__u32 matched = 0, shown = 0;

	if (ATTACHED(EXIT))
		forget_lost(runs, state, sighting);
	measure(sighting);
	if (sighting->is_skb)
		look_at_skb(sighting);
	look_at_fragments(sighting);
	if (JUDGED(ENTRY)) {
		matched = matches(sighting) != 0;
		if (!matched && !JUDGED(EXIT)) {
			count(state, XDPSHARK_SLOT_ENTRY, XDPSHARK_REJECTED);
			return;
		}
	}
	sighting->queue = queue_of(sighting);
	/* Else it has to wait for the verdict. */
	if (CAPTURED(ENTRY) && matched && !program_config.actions) {
		if (is_left_out(emit_sighting(sighting, state, cpu, 0)))
			return;
		shown = 1;
	}
	if (ATTACHED(EXIT))
		keep(sighting, runs, cpu, matched, shown || !CAPTURED(ENTRY));
}

static __always_inline int enter(struct sighting *sighting)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct xdpshark_cpu *state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
	struct runs *runs = find_runs(&cpu);

	sighting->verdict = XDPSHARK_VERDICT_NONE;
	sighting->direction = XDPSHARK_ENTRY;
	sighting->record = NO_RECORD;
	/* Else a number: the verifier would follow both whether it is 0. */
	if (!sighting->is_skb && !sighting->through_kernel)
		sighting->rxq = rxq_of(sighting);
	if (!is_watched_device(sighting))
		return 0;
	if (!state || !runs) {
		count_beyond(1, XDPSHARK_SLOT_ENTRY);
		return 0;
	}
	sighting->late = 1;
	sighting->side = &runs->entry;
	sighting->view = find_view(sighting);
	if (!side_begin(sighting->side)) {
		count_skipped(state);
		return 0;
	}
	look_at_entry(sighting, runs, state, cpu);
	side_end(sighting->side);
	return 0;
}

/* The entry that was held back. 0 if a brake leaves the packet out. */
static __always_inline int emit_held(struct sighting *sighting, const struct run *run,
				     struct xdpshark_cpu *state, __u32 cpu, __u32 at)
{
	struct sighting entry = *sighting;
	int outcome;

	entry.direction = XDPSHARK_ENTRY;
	if (CAPTURED(EXIT))
		entry.verdict = XDPSHARK_VERDICT_NONE; /* the exit says it */
	entry.wire_length = run->wire_length;
	entry.linear = entry.readable = run->held;
	entry.time = run->since;
	entry.late = 0;
	entry.duration = 0;
	entry.frame = sighting->is_skb ? 0 : frame_id(run->data);
	entry.mark = run->data;
	entry.mark_changed = 0;
	entry.head = entry.tail = 0;
	entry.viewed = 0;
	entry.bytes = find_held(cpu, at);
	entry.record = NO_RECORD;
	if (!entry.bytes || !entry.linear) {
		state->lost++;
		count(state, XDPSHARK_SLOT_ENTRY, XDPSHARK_LOST_UNREADABLE);
		return 1;
	}
	outcome = emit_sighting(&entry, state, cpu, 0);
	sighting->number = entry.number;
	sighting->record = entry.record;
	sighting->taken = entry.taken;
	return !is_left_out(outcome);
}

/* The packet as it came in, with what is known at exit. 0 if that cannot be referred to: then it is
 * to be measured. */
static __always_inline int emit_same(struct sighting *sighting, const struct run *run,
				     struct xdpshark_cpu *state, __u32 cpu)
{
	if (sighting->record == NO_RECORD || brakes.ending)
		return 0;
	sighting->wire_length = run->wire_length;
	sighting->readable = run->held;
	sighting->frame = frame_id(run->data);
	return emit_sighting(sighting, state, cpu, 1) != NOT_HERE;
}

/* What the filter has let through, at the end of its run (NULL: its beginning was not looked at).
 */
static __always_inline void emit_all(struct sighting *sighting, const struct run *run,
				     struct xdpshark_cpu *state, __u32 cpu, __u32 at)
{
	if (run && program_config.held && !run->shown && !emit_held(sighting, run, state, cpu, at))
		return;
	if (!CAPTURED(EXIT))
		return;
	if (run && program_config.leaves && program_config.held) {
		if (emit_same(sighting, run, state, cpu))
			return;
		measure(sighting);
	}
	look_at_fragments(sighting);
	emit_sighting(sighting, state, cpu, 0);
}

static __always_inline void compare(struct sighting *sighting, const struct run *run)
{
	sighting->tail = sighting->wire_length - run->wire_length;
	if (sighting->is_skb) {
		sighting->mark_changed = sighting->mark != (__u32)run->data;
		return;
	}
	sighting->head = (__u64)sighting->data - run->data;
	sighting->tail += sighting->head;
}

/* The packet is looked at again. 0 if it does not match. */
static __always_inline int look_again(struct sighting *sighting, const struct run *run)
{
	sighting->view = find_view(sighting);
	measure(sighting);
	if (sighting->is_skb && (JUDGED(EXIT) || CAPTURED(EXIT)))
		look_at_skb(sighting);
	if (run)
		compare(sighting, run);
	if (!JUDGED(EXIT) || (run && run->matched))
		return 1;
	look_at_fragments(sighting);
	return matches(sighting) != 0;
}

static __always_inline void look_at_exit(struct sighting *sighting, const struct run *run,
					 struct xdpshark_cpu *state, __u32 cpu, __u32 at)
{
	if (!is_wanted(sighting)) {
		count(state, verdict_slot(sighting), XDPSHARK_REJECTED);
		return;
	}
	sighting->queue = run ? run->queue : queue_of(sighting);
	if (run) {
		sighting->number = run->number;
		sighting->duration = sighting->time - run->since;
		sighting->record = run->record;
		sighting->taken = run->taken;
		if (program_config.leaves && !program_config.held &&
		    emit_same(sighting, run, state, cpu))
			return;
	}
	if (!look_again(sighting, run)) {
		count(state, verdict_slot(sighting), XDPSHARK_REJECTED);
		return;
	}
	emit_all(sighting, run, state, cpu, at);
}

/* The run that ends. Another frame, another program or another softirq was there when it began if
 * its end was not seen. */
static __always_inline struct run *ending_run(struct runs *runs, const struct sighting *sighting,
					      __u32 at)
{
	struct run *run = run_at(runs, sighting->side, at);

	if (run->program == current_program(sighting) && run->frame == frame_of(sighting) &&
	    (sighting->is_skb || !is_of_ended_softirq(run)))
		return run;
	run->context = 0;
	return (void *)0;
}

/* The end of a run whose beginning was seen; `at`: its index. */
static __always_inline void finish(struct sighting *sighting, struct runs *runs,
				   struct xdpshark_cpu *state, __u32 cpu, __u32 at)
{
	struct run *run;

	run = ending_run(runs, sighting, at);
	if (!run)
		return;
	sighting->time = bpf_ktime_get_ns();
	look_at_exit(sighting, run, state, cpu, at);
	run->context = 0;
	forget_since(runs, run->order);
}

static __always_inline int leave(struct sighting *sighting)
{
	__u32 cpu = bpf_get_smp_processor_id(), at = RUNS;
	struct runs *runs = find_runs(&cpu);
	struct xdpshark_cpu *state;

	sighting->direction = XDPSHARK_EXIT;
	if (!runs)
		return 0;
	if (ATTACHED(ENTRY)) {
		at = find_run(runs, context_of(sighting));
		if (at >= RUNS)
			return 0;
		/* It has interrupted the program at entry, which the kernel or that has skipped:
		 * what is kept is of an earlier run. */
		if (*(volatile __u32 *)&runs->entry.busy)
			return 0;
	} else if (!is_watched_device(sighting)) {
		return 0;
	}
	state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
	if (!state)
		return 0;
	sighting->side = &runs->exit;
	/* The run is given up by the one that was interrupted. */
	if (!side_begin(sighting->side)) {
		count_skipped(state);
		return 0;
	}
	if (ATTACHED(ENTRY))
		finish(sighting, runs, state, cpu, at);
	else
		look_at_exit(sighting, (void *)0, state, cpu, 0);
	side_end(sighting->side);
	return 0;
}

/* bpf_dispatcher_xdp_func(ctx, insnsi, bpf_func): the instructions lie in their struct bpf_prog. */
static __always_inline __u32 called_program(const __u64 *ctx)
{
	struct bpf_prog *program =
		(void *)argument(ctx, 1) - bpf_core_field_offset(struct bpf_prog, insnsi);

	return BPF_CORE_READ(program, aux, id);
}

SEC("xdpshark.entry")
int xdpshark_entry(__u64 *ctx)
{
	if (!program_config.dispatcher) {
		struct sighting sighting = { .xdp = (void *)ctx[0] };

		return enter(&sighting);
	}
	if (called_program(ctx) != watched_program)
		return 0;

	struct sighting sighting = { .through_kernel = 1, .xdp = (void *)argument(ctx, 0) };

	return enter(&sighting);
}

SEC("xdpshark.exit")
int xdpshark_exit(__u64 *ctx)
{
	if (!program_config.dispatcher) {
		struct sighting sighting = { .xdp = (void *)ctx[0], .verdict = ctx[1] };

		return leave(&sighting);
	}
	if (called_program(ctx) != watched_program)
		return 0;

	struct sighting sighting = {
		.through_kernel = 1,
		.xdp = (void *)argument(ctx, 0),
		.verdict = argument(ctx, 3),
	};

	return leave(&sighting);
}

/* The kernel lets these see the skb behind the struct __sk_buff that the program gets. */
SEC("xdpshark.entry")
int xdpshark_tc_entry(__u64 *ctx)
{
	struct sighting sighting = { .is_skb = 1, .skb = (void *)ctx[0] };

	return enter(&sighting);
}

SEC("xdpshark.exit")
int xdpshark_tc_exit(__u64 *ctx)
{
	struct sighting sighting = { .is_skb = 1, .skb = (void *)ctx[0], .verdict = ctx[1] };

	return leave(&sighting);
}

char LICENSE[] SEC("license") = "GPL";
