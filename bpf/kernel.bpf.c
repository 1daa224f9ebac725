// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs at the kernel's own places, which get a struct sk_buff: first of all at the
 * tracepoint of packets that are dropped. The frame is put together in memory of the CPU
 * (skb_frame.bpf.h), where the filter runs on it, and from where it is copied into the ring.
 *
 * Such a program can be interrupted by the arrival of a packet, for which it is called again: each
 * level has memory of its own.
 */
#include "kernel_record.h"

#define SOURCE_EXTRA 112 /* struct xdpshark_kernel_extra */

#include "skb_frame.bpf.h"

#include "filter.bpf.h"
#include "ring.bpf.h"

_Static_assert(SOURCE_EXTRA == sizeof(struct xdpshark_kernel_extra), "all of it");

/* In a section of its own, as the text is: that of `config` begins with the identity. */
const volatile struct xdpshark_kernel_config kernel_config SEC(".rodata.kernel");

/* The place with its offset, as in a backtrace: a return address may be behind its function. */
const char place_format[] SEC(".rodata.format") = "%pB";

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags,
			       struct bpf_dynptr *dynptr) __ksym __weak;

/* A power of 2. */
#define LEVELS 2

/* What a CPU is at. */
struct work {
	__u32 depth;		/* levels that are in use */
	__u32 numbered[LEVELS]; /* places that got a number there */
	__u64 stacks[LEVELS][XDPSHARK_STACK_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct work);
} xdpshark_work SEC(".maps");

/* The frames: LEVELS elements for each CPU. The loader makes them as large as is needed: SKB_FRONT,
 * the frame, and PIECE more. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LEVELS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 8);
} xdpshark_frames SEC(".maps");

/* Places in the kernel's code by their address. Only xdpshark-hookd sees them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct xdpshark_place);
} xdpshark_places SEC(".maps");

/* Bytes of fragments that are read at once. */
#define PIECE  16384
#define PIECES ((XDPSHARK_SNAPLEN_MAX + PIECE - 1) / PIECE)

struct sighting {
	void *context; /* the program's */
	struct sk_buff *skb;
	struct work *work;
	struct net_device *net_device; /* NULL: none, or it is something else */
	struct net *net;	       /* NULL: unknown */
	__u8 *bytes;		       /* the frame begins there */
	__u64 place;		       /* address */
	/* Not among what only a part of the program needs, whose room is used again: the verifier
	 * wants it left alone. */
	struct bpf_dynptr fragments;
	struct skb_frame frame;
	struct xdpshark_device device;
	__u32 readable; /* bytes of the frame that are there */
	__u32 reason;
	__u32 cpu;
	__u32 level;
	__u32 queue;
	__u16 flags;
};

static __always_inline void source_describe(void *ctx, struct xdpshark_record *record)
{
	const struct sighting *sighting = ctx;

	record->ifindex = sighting->device.ifindex;
	record->queue = sighting->queue;
}

static __always_inline long source_copy(void *ctx, __u8 *to, __u32 length, __u32 room)
{
	const struct sighting *sighting = ctx;

	return bpf_probe_read_kernel(to, bounded_size(length, room), sighting->bytes);
}

static __always_inline void source_read_device(void *ctx, struct xdpshark_device *device)
{
	*device = ((const struct sighting *)ctx)->device;
}

static __always_inline __u32 source_is_other_device(void *ctx, const struct xdpshark_device *device)
{
	return !is_same_device(&((const struct sighting *)ctx)->device, device);
}

/* The number of a place. The first packet from there gives it one, on whatever CPU. */
static __always_inline __u32 place_number(struct sighting *sighting, __u64 address)
{
	__u32 level = sighting->level & (LEVELS - 1);
	struct xdpshark_place made = {}, *place;

	if (!address)
		return XDPSHARK_NO_PLACE;
	place = bpf_map_lookup_elem(&xdpshark_places, &address);
	if (place)
		return place->number;
	made.number = (sighting->cpu * LEVELS + level) << 16 | ++sighting->work->numbered[level];
	if (kernel_config.names_places)
		bpf_snprintf(made.name, sizeof(made.name), place_format, &address, sizeof(address));
	bpf_map_update_elem(&xdpshark_places, &address, &made, BPF_NOEXIST);
	place = bpf_map_lookup_elem(&xdpshark_places, &address);
	return place ? place->number : XDPSHARK_NO_PLACE;
}

/* The calls that led here. What is the tracing's own is left out by the reader. */
static __always_inline void write_stack(struct sighting *sighting, __u32 *to)
{
	__u64 *stack = sighting->work->stacks[sighting->level & (LEVELS - 1)];
	long size = 0;

	if (kernel_config.wants_stack)
		size = bpf_get_stack(sighting->context, stack, XDPSHARK_STACK_MAX * sizeof(*stack),
				     0);
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < XDPSHARK_STACK_MAX; i++)
		to[i] = (long)(i * sizeof(*stack)) < size ? place_number(sighting, stack[i])
							  : XDPSHARK_NO_PLACE;
}

static __always_inline void source_write_extra(void *ctx, __u8 *to)
{
	struct sighting *sighting = ctx;
	struct xdpshark_kernel_extra *extra = (void *)to;
	struct net *net = sighting->net;
	struct skb_shared_info *shared = (void *)(sighting->skb->head + sighting->skb->end);

	extra->place = place_number(sighting, sighting->place);
	extra->reason = sighting->reason;
	extra->namespace = net ? BPF_CORE_READ(net, ns.inum) : 0;
	extra->mark = sighting->skb->mark;
	extra->hash = sighting->skb->hash;
	extra->process = bpf_get_current_pid_tgid() >> 32;
	extra->gso_size = BPF_CORE_READ(shared, gso_size);
	extra->gso_segments = BPF_CORE_READ(shared, gso_segs);
	extra->flags = sighting->flags;
	extra->point = kernel_config.point;
	bpf_get_current_comm(extra->command, sizeof(extra->command));
	write_stack(sighting, extra->stack);
}

/* That it is a namespace, and no memory that was one or is something else. */
static __always_inline int is_net(struct net *net)
{
	return net && BPF_CORE_READ(net, loopback_dev, nd_net.net) == net;
}

/* The member dev is in a union that sockets and queues use for themselves. */
static __always_inline void find_device(struct sighting *sighting)
{
	struct sk_buff *skb = sighting->skb;
	struct net_device *device = skb->dev;
	struct net *net = BPF_CORE_READ(device, nd_net.net);

	if (is_net(net)) {
		sighting->net_device = device;
		sighting->net = net;
		return;
	}
	net = BPF_CORE_READ(skb, sk, __sk_common.skc_net.net);
	if (is_net(net))
		sighting->net = net;
}

static __always_inline __u64 namespace_cookie(struct net *net)
{
	if (bpf_core_field_exists(net->net_cookie))
		return BPF_CORE_READ(net, net_cookie);
	return BPF_CORE_READ(net, ns.inum);
}

/* Of a packet without a device it is known through which it came. */
static __always_inline void describe_device(struct sighting *sighting)
{
	struct xdpshark_device *to = &sighting->device;
	struct net_device *device = sighting->net_device;

	to->ifindex = sighting->skb->skb_iif;
	if (device) {
		bpf_probe_read_kernel(to->name, sizeof(to->name), &device->name);
		to->ifindex = BPF_CORE_READ(device, ifindex);
		to->type = BPF_CORE_READ(device, type);
	}
	if (sighting->net)
		to->namespace = namespace_cookie(sighting->net);
}

/* 0 is also what is there where nobody has chosen one, so the first receive queue has number 1. */
static __always_inline void find_queue(struct sighting *sighting)
{
	sighting->queue = sighting->skb->queue_mapping;
	if (!sighting->queue)
		return;
	sighting->flags |= XDPSHARK_SKB_QUEUE;
	if (sighting->skb->skb_iif)
		sighting->queue--;
}

#define FAMILY_INET   2
#define FAMILY_INET6  10
#define FAMILY_PACKET 17
#define FAMILY_XDP    44

/* What sockets of other kinds send is freed as packets are: of Unix, netlink, virtual machines. */
static __always_inline int is_packet(const struct sighting *sighting)
{
	struct sk_buff *skb = sighting->skb;
	__u16 family;

	if (skb->protocol)
		return 1;
	/* Drivers try whether they get memory, and give it back. */
	if (!skb->len)
		return 0;
	if (sighting->net_device)
		return 1;
	family = BPF_CORE_READ(skb, sk, __sk_common.skc_family);
	return family == FAMILY_INET || family == FAMILY_INET6 || family == FAMILY_PACKET ||
	       family == FAMILY_XDP;
}

/* Bits of the kernel's preempt_count(). */
#define SERVING_SOFTIRQ 0x100
#define HARDIRQ_OR_NMI	0xff0000

static __always_inline int preempt_count(__u32 *ret_count)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	struct rq *queue;

	if (kernel_config.preempt_count && bpf_core_field_exists(struct cfs_rq, rq)) {
		queue = BPF_CORE_READ(task, se.cfs_rq, rq);
		return !bpf_probe_read_kernel(ret_count, sizeof(*ret_count),
					      (void *)queue + kernel_config.preempt_count);
	}
	if (!bpf_core_field_exists(task->thread_info.preempt_count))
		return 0;
	*ret_count = BPF_CORE_READ(task, thread_info.preempt_count);
	return 1;
}

static __always_inline void find_context(struct sighting *sighting)
{
	__u32 count = 0;

	if (!preempt_count(&count))
		return;
	if (count & HARDIRQ_OR_NMI)
		sighting->flags |= XDPSHARK_SKB_HARDIRQ;
	else if (count & SERVING_SOFTIRQ)
		sighting->flags |= XDPSHARK_SKB_SOFTIRQ;
	else
		sighting->flags |= XDPSHARK_SKB_PROCESS;
}

static __always_inline int is_same_text(const char *text, const volatile char *wanted)
{
	const __u64 *a = (const void *)text;
	const volatile __u64 *b = (const volatile void *)wanted;

	return a[0] == b[0] && a[1] == b[1];
}

static __always_inline int is_wanted_process(const struct sighting *sighting)
{
	char command[16] __attribute__((aligned(8))) = {};

	if (kernel_config.process_by == XDPSHARK_PROCESS_ANY)
		return 1;
	if (!(sighting->flags & XDPSHARK_SKB_PROCESS))
		return 0;
	if (kernel_config.process_by == XDPSHARK_PROCESS_BY_ID)
		return bpf_get_current_pid_tgid() >> 32 == kernel_config.process;
	bpf_get_current_comm(command, sizeof(command));
	return is_same_text(command, kernel_config.command);
}

static __always_inline int is_wanted_reason(const struct sighting *sighting)
{
	if (!kernel_config.reason_count)
		return 1;
#pragma unroll
	for (__u32 i = 0; i < XDPSHARK_REASONS_MAX; i++)
		if (i < kernel_config.reason_count && kernel_config.reasons[i] == sighting->reason)
			return 1;
	return 0;
}

static __always_inline int is_wanted(const struct sighting *sighting)
{
	if (!is_wanted_reason(sighting) ||
	    (sighting->skb->mark & kernel_config.mark_mask) != kernel_config.mark ||
	    !is_wanted_process(sighting))
		return 0;
	return !kernel_config.device[0] ||
	       is_same_text(sighting->device.name, kernel_config.device);
}

/* What may not be seen at all, and so is not counted either. */
static __always_inline int is_in_sight(const struct sighting *sighting)
{
	struct net *net = sighting->net;

	if (!kernel_config.namespace)
		return 1;
	return net && BPF_CORE_READ(net, ns.inum) == kernel_config.namespace;
}

/* The dynptr begins where the skb's data begin, which may be before or behind the frame: the linear
 * part ends at the same byte for both. */
static __always_inline void append_fragments(struct sighting *sighting, __u8 *room,
					     const __u32 want)
{
	__u32 from = sighting->skb->len - sighting->skb->data_len, rest = sighting->frame.fragments;
	__u32 at = sighting->frame.linear, size;

	if (bpf_dynptr_from_skb((struct __sk_buff *)sighting->skb, 0, &sighting->fragments))
		return;
	if (rest > want - at)
		rest = want - at;
	for (int i = 0; i < PIECES; i++) {
		__u64 offset = at;

		size = rest < PIECE ? rest : PIECE;
		KEEP(offset);
		if (size == 0 || offset > want)
			break;
		if (bpf_dynptr_read(room + SKB_FRONT + offset, bounded_size(size, PIECE),
				    &sighting->fragments, from, 0))
			break;
		at += size;
		from += size;
		rest -= size;
		sighting->readable += size;
	}
}

/* Puts the frame together, up to `want` bytes of what is read of it. */
static __always_inline void assemble(struct sighting *sighting, __u8 *room, const __u32 want)
{
	const struct skb_frame *frame = &sighting->frame;
	__u32 linear = frame->linear, front = frame->front;

	if (linear > want)
		linear = want;
	sighting->readable = 0;
	if (linear &&
	    bpf_probe_read_kernel(room + SKB_FRONT, bounded_size(linear, want), frame->from))
		return;
	skb_write_front(frame, room);
	if (front > SKB_FRONT)
		return;
	sighting->bytes = room + SKB_FRONT - front;
	sighting->readable = front + linear;
	if (kernel_config.reads_fragments && frame->fragments && frame->linear < want)
		append_fragments(sighting, room, want);
}

static __always_inline __u32 matches(struct sighting *sighting, __u8 *room)
{
	__u32 length, front = sighting->frame.front;

	assemble(sighting, room, config.reach);
	length = sighting->readable < config.reach ? sighting->readable : config.reach;
	if (length == 0 || front > SKB_FRONT)
		return 0;
	return filter_buffer(room + SKB_FRONT - front, bounded_size(length, config.reach),
			     skb_frame_length(&sighting->frame), sighting->device.ifindex,
			     sighting->queue);
}

static __always_inline void capture(struct sighting *sighting, struct xdpshark_cpu *state,
				    __u8 *room)
{
	__u32 length = skb_frame_length(&sighting->frame);
	struct packet packet = { .wire_length = length, .verdict = sighting->reason };

	if (config.snaplen > config.reach && sighting->readable < length)
		assemble(sighting, room, config.snaplen);
	if (sighting->readable < length && sighting->readable < config.snaplen)
		sighting->flags |= XDPSHARK_SKB_CUT;
	if (sighting->frame.is_link_made)
		sighting->flags |= XDPSHARK_SKB_MADE_LINK;
	packet.readable = sighting->readable;
	capture_matched(sighting, state, sighting->cpu, &packet);
}

static __always_inline void judge(struct sighting *sighting)
{
	__u32 key = sighting->cpu * LEVELS + sighting->level;
	__u8 *room = bpf_map_lookup_elem(&xdpshark_frames, &key);
	struct xdpshark_cpu *state;
	__u32 matching = 0;

	describe_device(sighting);
	find_queue(sighting);
	find_context(sighting);
	if (room && is_wanted(sighting)) {
		skb_find_frame(sighting->skb, sighting->device.type, &sighting->frame);
		matching = matches(sighting, room);
	}
	state = count_filtered(matching, sighting->cpu, 0);
	if (state && room)
		capture(sighting, state, room);
}

static __always_inline int look(struct sighting *sighting)
{
	const __u32 zero = 0;
	struct work *work = bpf_map_lookup_elem(&xdpshark_work, &zero);
	struct xdpshark_cpu *state;
	__u32 cpu = bpf_get_smp_processor_id();

	if (!work)
		return 0;
	find_device(sighting);
	if (!is_packet(sighting) || !is_in_sight(sighting))
		return 0;
	sighting->cpu = cpu;
	sighting->work = work;
	sighting->level = work->depth;
	if (sighting->level >= LEVELS) {
		state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
		if (state)
			count(state, 0, XDPSHARK_LOST_NO_RING);
		return 0;
	}
	work->depth = sighting->level + 1;
	judge(sighting);
	work->depth = sighting->level;
	return 0;
}

/* kfree_skb(skb, location), with the reason from 5.17 on. */
SEC("xdpshark.drop")
int xdpshark_drop(__u64 *ctx)
{
	struct sighting sighting = {
		.context = ctx,
		.skb = (void *)ctx[0],
		.place = ctx[1],
	};

	if (kernel_config.has_reason) {
		sighting.reason = ctx[2];
		sighting.flags = XDPSHARK_SKB_REASON;
		if (sighting.reason == kernel_config.not_dropped[0] ||
		    sighting.reason == kernel_config.not_dropped[1])
			return 0;
	}
	return look(&sighting);
}

/* A program's context has no place for an index that is not a constant. */
#define TAKE_ARGUMENT(SKB, CTX, INDEX)                                                             \
	if (kernel_config.argument == (INDEX)) {                                                   \
		SKB = (void *)(CTX)[INDEX];                                                        \
		KEEP(SKB);                                                                         \
	}

/* Another tracepoint, or a function as it begins. */
SEC("xdpshark.point")
int xdpshark_point(__u64 *ctx)
{
	struct sk_buff *skb = (void *)0;
	struct sighting sighting = {};

	TAKE_ARGUMENT(skb, ctx, 0)
	TAKE_ARGUMENT(skb, ctx, 1)
	TAKE_ARGUMENT(skb, ctx, 2)
	TAKE_ARGUMENT(skb, ctx, 3)
	TAKE_ARGUMENT(skb, ctx, 4)
	if (!skb)
		return 0;
	sighting.context = ctx;
	sighting.skb = skb;
	return look(&sighting);
}

char LICENSE[] SEC("license") = "GPL";
