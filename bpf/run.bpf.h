/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runs of the watched program that a CPU is amid: what was found out about a packet when the
 * program began is kept here until it ends.
 *
 * Runs can be nested: a test run is interrupted by the arrival of a packet (before 6.16), and on a
 * kernel that lets tasks be preempted they may overlap. Each is known by the address of its
 * packet's context. That a run ends is not certain: the kernel skips a program that is called while
 * it runs, and those of a trampoline that is being replaced, as when somebody else attaches to the
 * same function. What was kept of such a run must not become another one's. It is given up
 *  - at the end of the run that it has interrupted,
 *  - by the next run of the same task that has come back on the stack to where it was or before,
 *  - when a later softirq has begun, if it was in one,
 *  - when all places are taken: the oldest.
 */
#ifndef XDPSHARK_RUN_BPF_H
#define XDPSHARK_RUN_BPF_H

#include "fragments.bpf.h"
#include "kernel.bpf.h"
#include "ring.bpf.h"

/* Runs that a CPU can be amid at a time. */
#define RUNS 4

struct run {
	__u64 context; /* address of its struct xdp_buff or sk_buff; 0: this one is free */
	__u64 order;   /* of those that have begun later it is greater */
	__u64 task;    /* the one that runs, be it interrupted */
	__u64 since;   /* when the program began, in ns */
	__u64 number;  /* of the packet; 0: none yet */
	__u64 frame;   /* address of the packet's memory, which the program cannot change */
	__u64 data;    /* address of the packet's beginning at entry; of a skb, its mark then */
	__u32 wire_length;
	__u32 held;    /* bytes of it that are held, or captured at entry */
	__u32 program; /* id of the one that runs */
	__u32 softirq; /* see softirq_number() */
	__u32 queue;   /* that the packet was received at */
	__u32 record;  /* of its entry, and what the CPU had taken then: see is_same_segment() */
	__u32 taken;
	__u8 matched; /* the filter has let it through */
	__u8 shown;   /* its entry is captured, or not wanted */
	__u8 reserved[2];
};

/* Its entry is not in the ring. */
#define NO_RECORD 0xffffffffU

/* One of our programs on a CPU. */
struct side {
	__u32 busy;   /* it is at work: its memory is not to be touched */
	__u32 at;     /* index of a run */
	__u64 number; /* see number_of() */
	__u64 place;  /* see as_number() */
	struct gathering gathering;
};

/* Of a CPU: whole cache lines. */
struct runs {
	struct run runs[RUNS];
	__u64 order;
	struct side entry;
	struct side exit;
	__u64 reserved[1];
};

_Static_assert(sizeof(struct run) == 88, "as tests/trace/watcher.c knows it");
_Static_assert(sizeof(struct runs) % 64 == 0, "no CPU writes to another one's cache lines");

/* An element for each CPU: found faster than what the kernel keeps for each CPU by itself. The
 * loader makes it larger: behind the struct are the CPU's views (find_view()). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct runs));
} xdpshark_runs SEC(".maps");

/* What the runs hold of their packets until the verdict is known: RUNS elements for each CPU, as
 * large as the loader makes them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RUNS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 8);
} xdpshark_held SEC(".maps");

static __always_inline struct runs *find_runs(const __u32 *cpu)
{
	return bpf_map_lookup_elem(&xdpshark_runs, cpu);
}

/* What is held of the run that `at` tells. */
static __always_inline __u8 *find_held(__u32 cpu, __u32 at)
{
	__u32 key = cpu * RUNS + at;

	return bpf_map_lookup_elem(&xdpshark_held, &key);
}

/* A program of ours begins on this CPU; 0 if it is at work there already. Newer kernels skip it
 * then (5.12); this does the same in older ones. */
static __always_inline int side_begin(struct side *side)
{
	volatile __u32 *busy = &side->busy;

	if (*busy)
		return 0;
	*busy = 1;
	return 1;
}

static __always_inline void side_end(struct side *side)
{
	*(volatile __u32 *)&side->busy = 0;
}

/* The run with that index. It goes through memory, so that the verifier follows one path with an
 * unknown index instead of one for each. */
static __always_inline struct run *run_at(struct runs *runs, struct side *side, __u32 at)
{
	volatile __u32 *memory = &side->at;
	__u64 index;

	*memory = at;
	index = *memory;
	KEEP(index);
	index &= RUNS - 1;
	return &runs->runs[index];
}

/* The index of the run of this packet, or RUNS. */
static __always_inline __u32 find_run(const struct runs *runs, const void *context)
{
	__u32 found = RUNS;

	/* Most often it is the only one. */
	if (runs->runs[0].context == (__u64)context)
		return 0;
#pragma unroll
	for (__u32 i = 1; i < RUNS; i++)
		if (runs->runs[i].context == (__u64)context)
			found = i;
	return found;
}

/* A pointer as a number, for arithmetic that the verifier allows with no pointer. It forgets what
 * it was in memory. */
static __always_inline __u64 number_of(struct side *side, const void *pointer)
{
	volatile __u64 *memory = &side->number;

	*memory = (__u64)pointer;
	return *memory;
}

/* Most often there is none. */
static __always_inline int has_runs(const struct runs *runs)
{
	return (runs->runs[0].context | runs->runs[1].context | runs->runs[2].context |
		runs->runs[3].context) != 0;
}

_Static_assert(RUNS == 4, "all of them");

/* Kernel stacks are as large and lie at multiples of that: the least of all processors. */
#define STACK_BITS 14

/* enum: NET_RX_SOFTIRQ */
#define NET_RX 3

extern struct kernel_stat kstat __ksym __weak;

/* Which of the CPU's receiving softirqs this is: they never interrupt each other. 0 if the kernel
 * does not show it. */
static __always_inline __u32 softirq_number(void)
{
	struct kernel_stat *stat;

	if (!&kstat)
		return 0;
	stat = bpf_this_cpu_ptr(&kstat);
	return stat->softirqs[NET_RX];
}

/* Whether a run began in a softirq that has ended: its context was on the stack of interrupts. What
 * runs on the task's own stack may have been interrupted by softirqs. */
static __always_inline int is_of_ended_softirq(const struct run *run)
{
	struct task_struct *task = (void *)run->task;

	if (run->softirq == softirq_number())
		return 0;
	return (run->context ^ (__u64)BPF_CORE_READ(task, stack)) >> STACK_BITS != 0;
}

/* Whether a run has ended that is kept: a context is a variable of the function that calls the
 * program, as a rule, and so lies deeper in the stack than those of runs that were interrupted. */
static __always_inline int is_over(const struct run *run, __u64 context, __u64 task)
{
	if (run->context == context || is_of_ended_softirq(run))
		return 1;
	return run->task == task && !((run->context ^ context) >> STACK_BITS) &&
	       run->context < context;
}

/* The index of a free one, else of the oldest. */
static __always_inline __u32 choose_run(const struct runs *runs)
{
	__u64 least = runs->runs[0].order;
	__u32 oldest = 0;

#pragma unroll
	for (__u32 i = 0; i < RUNS; i++)
		if (!runs->runs[i].context)
			return i;
#pragma unroll
	for (__u32 i = 1; i < RUNS; i++)
		if (runs->runs[i].order < least) {
			least = runs->runs[i].order;
			oldest = i;
		}
	return oldest;
}

/* Gives up the runs that have begun after `order` and interrupted the task that is back at work
 * now: they have ended, and their end was skipped. Those of other tasks may go on. */
static __always_inline void forget_since(struct runs *runs, __u64 order)
{
	__u64 task;

	if (*(volatile __u64 *)&runs->order == order)
		return;
	task = bpf_get_current_task();
#pragma unroll
	for (__u32 i = 0; i < RUNS; i++)
		if (runs->runs[i].order > order && runs->runs[i].task == task)
			runs->runs[i].context = 0;
}

#endif /* XDPSHARK_RUN_BPF_H */
