/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet that one of our programs in the kernel's own places has met: what is known of it, and
 * what a record says. What the programs share is here, too: it lasts from one packet to the next.
 *
 * Such a program can be interrupted by the arrival of a packet, for which it is called again: each
 * level has memory of its own.
 */
#ifndef XDPSHARK_SKB_SIGHTING_BPF_H
#define XDPSHARK_SKB_SIGHTING_BPF_H

#include "kernel_record.h"

#define SOURCE_EXTRA 128 /* struct xdpshark_kernel_extra */

#include "skb_frame.bpf.h"

#include "filter.bpf.h"
#include "frame_id.bpf.h"
#include "journey.bpf.h"
#include "ring.bpf.h"

_Static_assert(SOURCE_EXTRA == sizeof(struct xdpshark_kernel_extra), "all of it");

/* In a section of its own, as the text is: that of `config` begins with the identity. */
const volatile struct xdpshark_kernel_config kernel_config SEC(".rodata.kernel");

/* The place with its offset, as in a backtrace: a return address may be behind its function. */
const char place_format[] SEC(".rodata.format") = "%pB";

/* What the loader has put into the program's instructions. */
static __always_inline __u32 own_number(void)
{
	__u64 number;

	asm volatile("%0 = %1 ll" : "=r"(number) : "i"((__u64)XDPSHARK_TARGET_MARK << 32));
	return number;
}

/* A power of 2. */
#define LEVELS 2

/* How far the copying of fragments has come. In a map, so that the verifier sees the same in each
 * round. */
struct skb_walk {
	__u64 skb;  /* a struct sk_buff * */
	__u64 from; /* where its part is */
	__u32 size; /* of that */
	__u32 index;
	__u32 parts;  /* index of the last one */
	__u32 within; /* bytes of the part that are copied */
	__u32 piece;  /* bytes that are copied next */
	__u32 copied; /* in all */
};

/* Of a sighting: see forget_values(). */
struct skb_values {
	struct net_device *net_device;
	struct net *net;
	__u32 reason;
	__u32 queue;
	__u32 ifindex;
	__u32 type;
	__u32 readable;
	__u16 flags;
};

/* Room for a struct sk_buff. */
#define SKB_COPY 320

/* What a CPU is at. */
struct work {
	__u32 depth;		/* levels that are in use */
	__u32 numbered[LEVELS]; /* places that got a number there */
	__u64 stacks[LEVELS][XDPSHARK_STACK_MAX];
	/* Not with the sighting: the verifier would go through the rest of the program anew for
	 * each kind of frame. */
	struct skb_frame frames[LEVELS];
	struct skb_walk walks[LEVELS];
	volatile struct skb_values values[LEVELS];
	__u8 skbs[LEVELS][SKB_COPY]; /* for programs that only get an address */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct work);
} xdpshark_work SEC(".maps");

/* The frames: LEVELS elements for each CPU. The loader makes them as large as is needed: SKB_FRONT,
 * the frame, and SKB_PIECE more. */
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

struct sighting {
	void *context; /* the program's */
	struct sk_buff *skb;
	struct work *work;
	struct skb_frame *frame;
	struct net_device *net_device; /* NULL: none, or it is something else */
	struct net *net;	       /* NULL: unknown */
	__u8 *bytes;		       /* the frame begins there */
	__u64 place;		       /* address */
	__u64 journey;		       /* number; 0: none */
	__u64 address;		       /* of the skb itself */
	/* Not among what only a part of the program needs, whose room is used again: the verifier
	 * wants it left alone. */
	struct bpf_dynptr fragments;
	struct xdpshark_device device;
	__u32 readable; /* bytes of the frame that are there */
	__u32 reason;
	__u32 cpu;
	__u32 level;
	__u32 queue;
	__u16 flags;
	__u16 point; /* number of the function or tracepoint; 0: where packets are dropped */
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

/* Where XDP had the frame, it began at what is the MAC header now. */
static __always_inline __u32 skb_frame_id(struct sk_buff *skb)
{
	__u16 mac_header = BPF_CORE_READ(skb, mac_header);

	/* ~0: there is none */
	if (mac_header == (__u16)~0)
		return 0;
	return frame_id((__u64)BPF_CORE_READ(skb, head) + mac_header);
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
	extra->point = sighting->point;
	extra->journey = sighting->journey;
	extra->frame = skb_frame_id(sighting->skb);
	extra->reserved = 0;
	bpf_get_current_comm(extra->command, sizeof(extra->command));
	write_stack(sighting, extra->stack);
}

/* Without the flags. */
#define ROUTE_POINTER (~7UL)

/* That it is a namespace, and no memory that was one or is something else. */
static __always_inline int is_net(struct net *net)
{
	return net && BPF_CORE_READ(net, loopback_dev, nd_net.net) == net;
}

/* FALSE if that is no device. */
static __always_inline int take_device(struct sighting *sighting, struct net_device *device)
{
	struct net *net = BPF_CORE_READ(device, nd_net.net);

	if (!is_net(net))
		return 0;
	sighting->net_device = device;
	sighting->net = net;
	return 1;
}

/* The members are in unions that sockets and queues use for themselves. Before it gets a device, a
 * packet has a route. */
static __always_inline void find_device(struct sighting *sighting)
{
	struct sk_buff *skb = sighting->skb;
	struct dst_entry *route = (void *)(BPF_CORE_READ(skb, _skb_refdst) & ROUTE_POINTER);
	struct net *net;

	if (take_device(sighting, skb->dev))
		return;
	if (!skb->skb_iif && take_device(sighting, BPF_CORE_READ(route, dev)))
		return;
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

static __always_inline void find_queue(struct sighting *sighting)
{
	sighting->queue = skb_queue(sighting->skb);
	if (sighting->skb->queue_mapping)
		sighting->flags |= XDPSHARK_SKB_QUEUE;
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

/*
 * The verifier goes through the rest of a program anew for each combination of what may be known so
 * far: whether there is a device, which flags are set. What has been in a map may be anything.
 */
static __always_inline void forget_values(struct sighting *sighting)
{
	volatile struct skb_values *values =
		&sighting->work->values[sighting->level & (LEVELS - 1)];

	values->net_device = sighting->net_device;
	values->net = sighting->net;
	values->reason = sighting->reason;
	values->queue = sighting->queue;
	values->ifindex = sighting->device.ifindex;
	values->type = sighting->device.type;
	values->readable = sighting->readable;
	values->flags = sighting->flags;
	sighting->net_device = values->net_device;
	sighting->net = values->net;
	sighting->reason = values->reason;
	sighting->queue = values->queue;
	sighting->device.ifindex = values->ifindex;
	sighting->device.type = values->type;
	sighting->readable = values->readable;
	sighting->flags = values->flags;
}

#endif /* XDPSHARK_SKB_SIGHTING_BPF_H */
