/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with a packet of the kernel: its frame is put together in memory of the CPU
 * (skb_frame.bpf.h), where the filter runs on it, and from where it is copied into the ring.
 */
#ifndef XDPSHARK_SKB_CAPTURE_BPF_H
#define XDPSHARK_SKB_CAPTURE_BPF_H

#include "skb_fragments.bpf.h"
#include "skb_wanted.bpf.h"

/* What is in memory is read anew. */
#define FORGET() asm volatile("" : : : "memory")

/* Where in the room the frame begins. NULL never happens, but the verifier has to see that. */
static __always_inline __u8 *frame_begin(const struct sighting *sighting, __u8 *room)
{
	__u64 at = SKB_FRONT - sighting->frame->front;

	KEEP(at);
	return at > SKB_FRONT ? (void *)0 : room + at;
}

/* Puts the frame together, up to `want` bytes of what is read of it. */
static __always_inline void assemble(struct sighting *sighting, __u8 *room, const __u32 want)
{
	const struct skb_frame *frame = sighting->frame;
	__u32 linear = frame->linear;

	if (linear > want)
		linear = want;
	sighting->readable = 0;
	if (linear &&
	    bpf_probe_read_kernel(room + SKB_FRONT, bounded_size(linear, want), frame->from))
		return;
	skb_write_front(frame, room);
	sighting->readable = frame->front + linear;
	if (frame->fragments && frame->linear < want)
		append_fragments(sighting, room + SKB_FRONT, want);
}

static __always_inline __u32 matches(struct sighting *sighting, __u8 *room)
{
	__u32 length;
	__u8 *begin;

	assemble(sighting, room, config.reach);
	length = sighting->readable < config.reach ? sighting->readable : config.reach;
	begin = frame_begin(sighting, room);
	if (length == 0 || !begin)
		return 0;
	return filter_buffer(begin, bounded_size(length, config.reach),
			     skb_frame_length(sighting->frame), sighting->device.ifindex,
			     sighting->queue);
}

/* What was captured once is captured to its end, whatever brakes there are. */
static __always_inline void capture_tracked(struct sighting *sighting, struct xdpshark_cpu *state,
					    struct packet *packet)
{
	int followed = sighting->journey != 0;

	if (followed)
		packet->number = (__u64)sighting->cpu << XDPSHARK_CPU_SHIFT | ++state->matched;
	else
		sighting->journey = journey_number(sighting->level, sighting->cpu, config.cpus);
	if (capture_matched(sighting, state, sighting->cpu, packet) == XDPSHARK_CAPTURED ||
	    followed)
		journey_keep(sighting->skb, sighting->address, sighting->journey, packet->time);
}

static __always_inline void capture(struct sighting *sighting, struct xdpshark_cpu *state,
				    __u8 *room)
{
	__u32 length = skb_frame_length(sighting->frame);
	struct packet packet = { .wire_length = length, .verdict = sighting->reason };

	forget_values(sighting);
	if (config.snaplen > config.reach && sighting->readable < length)
		assemble(sighting, room, config.snaplen);
	forget_values(sighting);
	if (sighting->readable < length && sighting->readable < config.snaplen)
		sighting->flags |= XDPSHARK_SKB_CUT;
	if (sighting->frame->is_link_made)
		sighting->flags |= XDPSHARK_SKB_MADE_LINK;
	if (sighting->frame->ip)
		sighting->flags |= XDPSHARK_SKB_MADE_NETWORK;
	packet.readable = sighting->readable;
	sighting->bytes = frame_begin(sighting, room);
	if (kernel_config.tracks)
		capture_tracked(sighting, state, &packet);
	else
		capture_matched(sighting, state, sighting->cpu, &packet);
}

static __always_inline void judge(struct sighting *sighting)
{
	__u32 key = sighting->cpu * LEVELS + sighting->level;
	__u8 *room = bpf_map_lookup_elem(&xdpshark_frames, &key);
	struct xdpshark_cpu *state;
	__u32 matching = 0;

	sighting->frame = &sighting->work->frames[sighting->level & (LEVELS - 1)];
	describe_device(sighting);
	find_queue(sighting);
	find_context(sighting);
	forget_values(sighting);
	if (kernel_config.tracks)
		sighting->journey =
			journey_find(sighting->skb, sighting->address, bpf_ktime_get_ns(),
				     sighting->flags & XDPSHARK_SKB_ARRIVES);
	if (room && (sighting->journey || is_wanted(sighting))) {
		skb_find_frame(sighting->skb, sighting->device.type, sighting->frame);
		if (sighting->device.type == SKB_DEVICE_ETHER)
			sighting->frame->device = sighting->net_device;
		FORGET();
		matching = matches(sighting, room) != 0 || sighting->journey;
	}
	state = count_filtered(matching, sighting->cpu, 0);
	if (state && room)
		capture(sighting, state, room);
}

#ifdef SKB_BY_ADDRESS
/* Of what lies there is made a copy, from which all is read as if it were the skb. What does not
 * lie within its own bounds is none, or none yet. */
static __always_inline int take_skb(struct sighting *sighting)
{
	struct sk_buff *copy = (void *)sighting->work->skbs[sighting->level & (LEVELS - 1)];
	__u32 size = bpf_core_type_size(struct sk_buff);

	if (sighting->level >= LEVELS)
		return 0;
	if (size > SKB_COPY)
		size = SKB_COPY;
	if (bpf_probe_read_kernel(copy, size, sighting->skb))
		return 0;
	sighting->skb = copy;
	return copy->head && copy->data >= copy->head && copy->len >= copy->data_len &&
	       (__u64)(copy->data - copy->head) + (copy->len - copy->data_len) <= copy->end;
}
#else
#define take_skb(SIGHTING) 1
#endif

static __always_inline int look(struct sighting *sighting)
{
	const __u32 zero = 0;
	struct work *work = bpf_map_lookup_elem(&xdpshark_work, &zero);
	struct xdpshark_cpu *state;
	__u32 cpu = bpf_get_smp_processor_id();

	if (!work)
		return 0;
	sighting->address = (__u64)sighting->skb;
	sighting->cpu = cpu;
	sighting->work = work;
	sighting->level = work->depth;
	if (!take_skb(sighting))
		return 0;
	find_device(sighting);
	if (!is_packet(sighting) || !is_in_sight(sighting))
		return 0;
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

#endif /* XDPSHARK_SKB_CAPTURE_BPF_H */
