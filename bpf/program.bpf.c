// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs that watch another XDP program, which knows nothing of them: one runs when that
 * begins, one when it ends. They are attached to the function of the program, or to that of the
 * kernel which calls all XDP programs (bpf_dispatcher_xdp_func).
 *
 * One judgement decides for both sightings of a packet. It is made at entry, and kept in the
 * CPU's `runs` until the program ends: several at a time, as a test run of a program can be
 * interrupted by the arrival of a packet.
 */
#include "program_record.h"

#define SOURCE_EXTRA 40 /* struct xdpshark_program_extra */

#include "kernel.bpf.h"

#include "filter.bpf.h"
#include "fragments.bpf.h"
#include "ring.bpf.h"
#include "socket.bpf.h"

_Static_assert(SOURCE_EXTRA == sizeof(struct xdpshark_program_extra), "all of it");

/* In a section of its own: that of `config` begins with the identity. */
const volatile struct xdpshark_program_config program_config SEC(".rodata.program");

/* Id of the program whose packets count, when attached to the kernel's function. Set by the loader
 * when another one is on the device. */
volatile __u32 watched_program;

extern struct bpf_redirect_info bpf_redirect_info __ksym __weak;

/* Runs of programs that a CPU can be amid at a time. */
#define RUNS 4

/* The run of a program that has begun. */
struct run {
	__u64 context; /* address of its struct xdp_buff; 0: this one is free */
	__u64 order;   /* of those that have begun later it is greater */
	__u64 since;   /* when the program began, in ns */
	__u64 number;  /* of the packet; 0: none yet */
	__u64 data;    /* address of the packet's beginning at entry */
	__u32 wire_length;
	__u32 held; /* bytes held of it */
	struct gathering gathering;
};

struct runs {
	struct run runs[RUNS];
	__u64 order;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct runs);
} xdpshark_runs SEC(".maps");

/* What a run holds of its packet: for the filter, and until the verdict is known. RUNS elements for
 * each CPU; the loader makes them as large as is needed, and PIECE more. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RUNS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 8);
} xdpshark_held SEC(".maps");

/* A packet as it is seen at entry or at exit. */
struct sighting {
	struct xdp_buff *xdp;
	struct run *run;
	__u8 *held; /* if not NULL, the packet's bytes are here */
	__u64 duration;
	__u32 linear;	/* bytes in one piece, from the packet's beginning */
	__u32 readable; /* bytes that source_copy() can reach */
	__u32 wire_length;
	__s32 verdict;
	__s32 head;
	__s32 tail;
	__u8 direction;
	__u8 is_late; /* it is captured later than it was seen */
};

/* A member of the struct xdp_buff. The kernel's function takes it as a pointer to anything, through
 * which the verifier lets nobody read. */
#define MEMBER(XDP, NAME)                                                                          \
	({                                                                                         \
		typeof((XDP)->NAME) value_;                                                        \
		if (program_config.dispatcher)                                                     \
			bpf_probe_read_kernel(&value_, sizeof(value_), &(XDP)->NAME);              \
		else                                                                               \
			value_ = (XDP)->NAME;                                                      \
		value_;                                                                            \
	})

#define XDP_FLAGS_HAS_FRAGS 1

static __always_inline int has_fragments(struct xdp_buff *xdp)
{
	if (!bpf_core_field_exists(xdp->flags))
		return 0;
	return MEMBER(xdp, flags) & XDP_FLAGS_HAS_FRAGS;
}

/* The kernel's xdp_get_shared_info_from_buff(). */
static __always_inline struct skb_shared_info *shared_info(struct xdp_buff *xdp)
{
	__u32 size = (bpf_core_type_size(struct skb_shared_info) + 63) & ~63;

	return MEMBER(xdp, data_hard_start) + MEMBER(xdp, frame_sz) - size;
}

static __always_inline void measure(struct sighting *sighting)
{
	struct xdp_buff *xdp = sighting->xdp;
	__u32 fragments = 0;

	sighting->linear = MEMBER(xdp, data_end) - MEMBER(xdp, data);
	if (has_fragments(xdp))
		bpf_probe_read_kernel(&fragments, sizeof(fragments),
				      &shared_info(xdp)->xdp_frags_size);
	sighting->wire_length = sighting->linear + fragments;
	sighting->readable = sighting->linear;
}

/* A frame in fragments is put into one place, `to`. */
static __always_inline void look_at_fragments(struct sighting *sighting, __u8 *to)
{
	const struct page_bases bases = { program_config.pages, program_config.memory };
	__u32 length = config.snaplen > config.reach ? config.snaplen : config.reach, gathered;

	if (!program_config.pages || sighting->linear >= sighting->wire_length)
		return;
	if (length > sighting->wire_length)
		length = sighting->wire_length;
	if (length <= sighting->linear)
		return;
	gathered = gather(MEMBER(sighting->xdp, data), sighting->linear, shared_info(sighting->xdp),
			  bases, &sighting->run->gathering, to, length);
	if (gathered) {
		sighting->held = to;
		sighting->readable = gathered;
	}
}

static __always_inline long source_copy(void *ctx, __u8 *to, __u32 length, __u32 room)
{
	const struct sighting *sighting = ctx;

	return bpf_probe_read_kernel(to, bounded_size(length, room),
				     sighting->held ? sighting->held : MEMBER(sighting->xdp, data));
}

/* Of the device that the packet came in at. */
static __always_inline __u32 packet_ifindex(struct xdp_rxq_info *queue)
{
	if (program_config.ifindex)
		return program_config.ifindex;
	return BPF_CORE_READ(queue, dev, ifindex);
}

static __always_inline void source_describe(void *ctx, struct xdpshark_record *record)
{
	const struct sighting *sighting = ctx;
	struct xdp_rxq_info *queue = MEMBER(sighting->xdp, rxq);

	record->ifindex = packet_ifindex(queue);
	record->queue = BPF_CORE_READ(queue, queue_index);
}

/* Of every packet on its way through the kernel's function. */
static __always_inline int is_watched_device(struct xdp_buff *xdp)
{
	struct xdp_rxq_info *queue;
	struct net_device *device;

	if (!program_config.ifindex)
		return 1;
	queue = MEMBER(xdp, rxq);
	device = BPF_CORE_READ(queue, dev);
	return (__u32)BPF_CORE_READ(device, ifindex) == program_config.ifindex &&
	       namespace_of(device) == program_config.namespace;
}

/* All packets are of one device, unless they come out of a map. */
static __always_inline __u32 source_is_other_device(void *ctx, const struct xdpshark_device *device)
{
	const struct sighting *sighting = ctx;
	struct xdp_rxq_info *queue;
	struct net_device *from;

	if (program_config.ifindex)
		return device->ifindex != program_config.ifindex;
	queue = MEMBER(sighting->xdp, rxq);
	from = BPF_CORE_READ(queue, dev);
	return device->ifindex != (__u32)BPF_CORE_READ(from, ifindex) ||
	       device->namespace != namespace_of(from);
}

static __always_inline void source_read_device(void *ctx, struct xdpshark_device *to)
{
	const struct sighting *sighting = ctx;
	struct xdp_rxq_info *queue = MEMBER(sighting->xdp, rxq);
	struct net_device *device = BPF_CORE_READ(queue, dev);

	bpf_probe_read_kernel(to->name, sizeof(to->name), &device->name);
	to->ifindex = packet_ifindex(queue);
	to->type = BPF_CORE_READ(device, type);
	to->namespace = program_config.ifindex ? program_config.namespace : namespace_of(device);
}

/* The kernel's note of the last redirect: the task's from 6.11 on, before that the CPU's. */
static __always_inline struct bpf_redirect_info *redirect_info(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct bpf_net_context *context;

	if (!bpf_core_field_exists(task->bpf_net_context))
		return &bpf_redirect_info ? bpf_this_cpu_ptr(&bpf_redirect_info) : (void *)0;
	context = BPF_CORE_READ(task, bpf_net_context);
	return context ? &context->ri : (void *)0;
}

/* No map: what bpf_redirect() leaves. */
#define NO_MAP 0x7fffffff

/* Which map, and of what type: from 5.14 on that is noted beside it. */
static __always_inline void write_map(struct xdpshark_program_extra *extra,
				      struct bpf_redirect_info *info)
{
	struct bpf_map *map;

	if (bpf_core_field_exists(info->map_type)) {
		extra->map = BPF_CORE_READ(info, map_id);
		extra->map_type = BPF_CORE_READ(info, map_type);
		if (extra->map == NO_MAP)
			extra->map = 0;
		return;
	}
	map = BPF_CORE_READ(info, map);
	if (!map)
		return;
	extra->map = BPF_CORE_READ(map, id);
	extra->map_type = BPF_CORE_READ(map, map_type);
}

static __always_inline void write_target(struct xdpshark_program_extra *extra)
{
	struct bpf_redirect_info *info = redirect_info();
	__u64 index = 0;

	if (!info)
		return;
	write_map(extra, info);
	/* Little-endian: half of it is read where it is half as long. */
	bpf_probe_read_kernel(&index, bpf_core_field_size(info->tgt_index) == 8 ? 8 : 4,
			      &info->tgt_index);
	extra->target = index;
	extra->flags |= XDPSHARK_TARGET;
	/* The element: a struct xdp_sock, which begins with its struct sock. */
	if (extra->map && extra->map_type == BPF_MAP_TYPE_XSKMAP)
		extra->socket = socket_inode(BPF_CORE_READ(info, tgt_value));
}

static __always_inline void source_write_extra(void *ctx, __u8 *to)
{
	const struct sighting *sighting = ctx;
	struct xdpshark_program_extra *extra = (void *)to;

	extra->duration = sighting->duration;
	extra->head = sighting->head;
	extra->tail = sighting->tail;
	extra->program = watched_program;
	extra->map = 0;
	extra->target = 0;
	extra->socket = 0;
	extra->map_type = 0;
	extra->flags = 0;
	if (sighting->readable < sighting->wire_length && sighting->readable < config.snaplen)
		extra->flags |= XDPSHARK_LINEAR_ONLY;
	if (sighting->verdict == XDP_REDIRECT && sighting->direction == XDPSHARK_EXIT)
		write_target(extra);
}

/* The run of this packet, or with `claim` a free one for it. If there is none, the oldest, which is
 * one whose end we were not called for: the kernel skips a program that is called while it runs. */
static __always_inline struct run *find_run(struct runs *runs, struct xdp_buff *xdp, int claim,
					    __u32 *ret_index)
{
	__u32 found = RUNS, oldest = 0;

#pragma unroll
	for (__u32 i = 0; i < RUNS; i++) {
		if (runs->runs[i].context == (__u64)xdp) {
			*ret_index = i;
			return &runs->runs[i];
		}
		if (!runs->runs[i].context)
			found = i;
		if (runs->runs[i].order < runs->runs[oldest % RUNS].order)
			oldest = i;
	}
	if (!claim)
		return (void *)0;
	if (found == RUNS)
		found = oldest;
	found %= RUNS;
	KEEP(found);
	found %= RUNS;
	runs->runs[found].context = (__u64)xdp;
	runs->runs[found].order = ++runs->order;
	*ret_index = found;
	return &runs->runs[found];
}

static __always_inline __u8 *find_held(__u32 cpu, __u32 index)
{
	__u32 key = cpu * RUNS + index;

	return bpf_map_lookup_elem(&xdpshark_held, &key);
}

/* The filter, on a copy of what it looks at. */
static __always_inline __u32 matches(struct sighting *sighting, __u8 *copy)
{
	__u32 length = sighting->readable, queue_index = 0, ifindex = program_config.ifindex;

	if (length > config.reach)
		length = config.reach;
	if (length == 0 || (!sighting->held && source_copy(sighting, copy, length, config.reach)))
		return 0;
	if (config.wants_device) {
		struct xdp_rxq_info *queue = MEMBER(sighting->xdp, rxq);

		queue_index = BPF_CORE_READ(queue, queue_index);
		ifindex = packet_ifindex(queue);
	}
	return filter_buffer(copy, bounded_size(length, config.reach), sighting->wire_length,
			     ifindex, queue_index);
}

/* Without KEEP() the compiler would see that no slot is out of bounds, and leave the mask away that
 * the verifier needs to see it. */
static __always_inline __u32 verdict_slot(__s32 verdict)
{
	__u32 slot = verdict;

	if (slot >= XDPSHARK_ACTIONS)
		slot = XDPSHARK_SLOT_OTHER;
	KEEP(slot);
	return slot;
}

static __always_inline int emit_sighting(struct sighting *sighting, struct xdpshark_cpu *state,
					 __u32 cpu)
{
	struct packet packet = {
		.wire_length = sighting->wire_length,
		.readable = sighting->readable,
		.verdict = sighting->verdict,
		.direction = sighting->direction,
		.number = sighting->run->number,
	};
	int outcome;

	if (sighting->is_late)
		packet.time = sighting->run->since;
	if (sighting->direction == XDPSHARK_ENTRY)
		packet.slot = XDPSHARK_SLOT_ENTRY;
	else
		packet.slot = verdict_slot(sighting->verdict);
	outcome = capture_matched(sighting, state, cpu, &packet);
	sighting->run->number = packet.number;
	return outcome;
}

/* Whether the packet is wanted no more: a brake has left it out. */
static __always_inline int is_left_out(int outcome)
{
	return outcome == XDPSHARK_SAMPLED || outcome == XDPSHARK_LIMITED;
}

/* Keeps what was judged until the program ends. 0 if there is no need. */
static __always_inline int keep(struct sighting *sighting, struct xdpshark_cpu *state, __u32 cpu,
				__u8 *held)
{
	struct run *run = sighting->run;
	__u32 length = sighting->readable;

	run->number = 0;
	run->data = (__u64)MEMBER(sighting->xdp, data);
	run->wire_length = sighting->wire_length;
	if (!program_config.hold)
		return !is_left_out(emit_sighting(sighting, state, cpu)) && program_config.at_exit;
	if (length > config.snaplen)
		length = config.snaplen;
	if (sighting->held || !source_copy(sighting, held, length, config.snaplen))
		run->held = length;
	else
		run->held = 0;
	return 1;
}

static __always_inline int judge(struct sighting *sighting, const __u32 slot)
{
	const __u32 zero = 0;
	struct runs *runs = bpf_map_lookup_elem(&xdpshark_runs, &zero);
	__u32 cpu = bpf_get_smp_processor_id(), index = 0;
	struct xdpshark_cpu *state;
	__u8 *held;
	int kept = 0;

	if (!runs || !is_watched_device(sighting->xdp))
		return 0;
	sighting->run = find_run(runs, sighting->xdp, 1, &index);
	held = find_held(cpu, index);
	if (!held)
		return 0;
	measure(sighting);
	look_at_fragments(sighting, held);
	state = count_filtered(matches(sighting, held), cpu, slot);
	if (state && slot == XDPSHARK_SLOT_ENTRY)
		kept = keep(sighting, state, cpu, held);
	else if (state)
		emit_sighting(sighting, state, cpu);
	if (kept)
		sighting->run->since = bpf_ktime_get_ns();
	else
		sighting->run->context = 0;
	return 0;
}

static __always_inline int enter(struct xdp_buff *xdp)
{
	struct sighting sighting = {
		.xdp = xdp,
		.verdict = XDPSHARK_VERDICT_NONE,
		.direction = XDPSHARK_ENTRY,
	};

	return judge(&sighting, XDPSHARK_SLOT_ENTRY);
}

static __always_inline int is_wanted(__s32 verdict)
{
	return !program_config.actions || (program_config.actions >> verdict_slot(verdict) & 1);
}

/* The entry that was held back. FALSE if a brake leaves the packet out. */
static __always_inline int emit_held(struct sighting *sighting, struct xdpshark_cpu *state,
				     __u32 cpu, __u32 index)
{
	struct sighting entry = *sighting;

	entry.direction = XDPSHARK_ENTRY;
	if (program_config.at_exit)
		entry.verdict = XDPSHARK_VERDICT_NONE; /* the exit says it */
	entry.wire_length = sighting->run->wire_length;
	entry.linear = entry.readable = sighting->run->held;
	entry.is_late = 1;
	entry.duration = 0;
	entry.head = entry.tail = 0;
	entry.held = find_held(cpu, index);
	if (!entry.held || !entry.linear)
		return 1;
	return !is_left_out(emit_sighting(&entry, state, cpu));
}

static __always_inline void emit_exit(struct sighting *sighting, struct xdpshark_cpu *state,
				      __u32 cpu, __u32 index)
{
	__u8 *room = find_held(cpu, index);

	if (room)
		look_at_fragments(sighting, room);
	emit_sighting(sighting, state, cpu);
}

/* A packet that was judged when the program began. */
static __always_inline int finish(struct sighting *sighting)
{
	const __u32 zero = 0;
	struct runs *runs = bpf_map_lookup_elem(&xdpshark_runs, &zero);
	__u32 cpu = bpf_get_smp_processor_id(), index = 0;
	struct xdpshark_cpu *state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
	struct run *run;

	if (!runs || !state)
		return 0;
	run = find_run(runs, sighting->xdp, 0, &index);
	if (!run)
		return 0;
	sighting->run = run;
	sighting->duration = bpf_ktime_get_ns() - run->since;
	if (!is_wanted(sighting->verdict)) {
		count(state, verdict_slot(sighting->verdict), XDPSHARK_REJECTED);
		run->context = 0;
		return 0;
	}
	measure(sighting);
	sighting->head = (__u64)MEMBER(sighting->xdp, data) - run->data;
	sighting->tail = sighting->wire_length - run->wire_length + sighting->head;
	if ((!program_config.hold || emit_held(sighting, state, cpu, index)) &&
	    program_config.at_exit)
		emit_exit(sighting, state, cpu, index);
	run->context = 0;
	return 0;
}

static __always_inline int leave(struct xdp_buff *xdp, __s32 verdict)
{
	struct sighting sighting = {
		.xdp = xdp,
		.verdict = verdict,
		.direction = XDPSHARK_EXIT,
	};

	if (program_config.at_entry)
		return finish(&sighting);
	if (!is_wanted(verdict))
		return 0;
	return judge(&sighting, XDPSHARK_SLOT_OTHER);
}

/* An argument of the kernel's function. Not all kernels let programs load a pointer to anything
 * from their context, but all let them read the memory. */
static __always_inline __u64 argument(const __u64 *ctx, int index)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &ctx[index]);
	return value;
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
	struct xdp_buff *xdp;

	if (program_config.dispatcher) {
		if (called_program(ctx) != watched_program)
			return 0;
		xdp = (void *)argument(ctx, 0);
	} else {
		xdp = (void *)ctx[0];
	}
	return enter(xdp);
}

SEC("xdpshark.exit")
int xdpshark_exit(__u64 *ctx)
{
	struct xdp_buff *xdp;
	__s32 verdict;

	if (program_config.dispatcher) {
		if (called_program(ctx) != watched_program)
			return 0;
		xdp = (void *)argument(ctx, 0);
		verdict = argument(ctx, 3);
	} else {
		xdp = (void *)ctx[0];
		verdict = ctx[1];
	}
	return leave(xdp, verdict);
}

char LICENSE[] SEC("license") = "GPL";
