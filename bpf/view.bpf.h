/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a packet, and the filter, which runs on a copy of what it looks at.
 */
#ifndef XDPSHARK_VIEW_BPF_H
#define XDPSHARK_VIEW_BPF_H

#include "sighting.bpf.h"
/* after sighting.bpf.h, which says how much the source adds to a record */
#include "filter.bpf.h"
#include "frame.bpf.h"
#include "frame_id.bpf.h"

/* The memory of a CPU for what our programs copy of a packet: for the filter, or a frame in
 * fragments as a whole. Each of the two has some of its own.
 */
static __always_inline __u8 *find_view(const struct sighting *sighting)
{
	void *side = sighting->side;

	if (sighting->direction == XDPSHARK_ENTRY)
		return side - __builtin_offsetof(struct runs, entry) + sizeof(struct runs);
	return side - __builtin_offsetof(struct runs, exit) + sizeof(struct runs) +
	       program_config.view;
}

/* A tag that is beside the bytes counts. In tc they begin with the header of the link. */
static __always_inline void measure_skb(struct sighting *sighting)
{
	struct sk_buff *skb = sighting->skb;

	sighting->data = skb->data;
	sighting->linear = skb->len - skb->data_len;
	sighting->wire_length = skb->len + (skb_has_tag(skb) ? SKB_TAG : 0);
	sighting->readable = sighting->linear;
	sighting->mark = skb->mark;
}

/* The verifier takes no address for a number until it has been in memory (from 6.17 on). */
static __always_inline __u64 as_number(const struct sighting *sighting, const void *address)
{
	volatile __u64 *place = &sighting->side->place;

	*place = (__u64)address;
	return *place;
}

/* After that the sighting's lengths are known. */
static __always_inline void measure(struct sighting *sighting)
{
	if (sighting->is_skb) {
		measure_skb(sighting);
		return;
	}
	sighting->data = MEMBER(sighting->xdp, data);
	sighting->linear = MEMBER(sighting->xdp, data_end) - sighting->data;
	sighting->wire_length = sighting->linear + fragments_length(sighting);
	sighting->readable = sighting->linear;
	if (config.salt[0])
		sighting->frame = frame_id(as_number(sighting, sighting->data));
}

static __always_inline long copy(__u8 *to, __u32 length, __u32 room, const void *from)
{
	return bpf_probe_read_kernel(to, bounded_size(length, room), from);
}

#define WORD	  8
/* Most filters look at a packet of that length as a whole. */
#define SHORT_MAX 64
/* They have looked at so much at least of a longer one. */
#define START	  (SHORT_MAX + WORD)
/* No packet of XDP is shorter. */
#define SHORT_MIN WORD

/* Copies words as long as they end before `length`. */
static __always_inline void copy_words(__u64 *to, const __u64 *from, __u32 first, __u32 end,
				       __u32 length)
{
#pragma unroll
	for (__u32 i = first; i < end; i++) {
		if (length <= (i + 1) * WORD)
			break;
		to[i] = from[i];
	}
}

/* Copies a packet of SHORT_MIN to SHORT_MAX bytes from the view without a call. The last word is a
 * whole one, which may overlap with the one before. */
static __always_inline void copy_short(__u8 *to, const __u8 *from, __u32 length)
{
	const __u32 words = SHORT_MAX / WORD;
	__u64 last = length - WORD;

	KEEP(from);
	KEEP(length);
	if (length > SHORT_MAX / 2) {
#pragma unroll
		for (__u32 i = 0; i < words / 2; i++)
			((__u64 *)to)[i] = ((const __u64 *)from)[i];
		copy_words((__u64 *)to, (const __u64 *)from, words / 2, words - 1, length);
	} else {
		copy_words((__u64 *)to, (const __u64 *)from, 0, words / 2, length);
	}
	KEEP(last);
	last &= SHORT_MAX - 1;
	*(__u64 *)(to + last) = *(const __u64 *)(from + last);
}

/* Copies the first START bytes from the view without a call. */
static __always_inline void copy_start(__u8 *to, const __u8 *from)
{
	KEEP(from);
#pragma unroll
	for (__u32 i = 0; i < START / WORD; i++)
		((__u64 *)to)[i] = ((const __u64 *)from)[i];
}

static __always_inline long source_copy(void *ctx, __u8 *to, __u32 length, __u32 room)
{
	const struct sighting *sighting = ctx;

	if (room == sizeof(struct xdpshark_same)) {
		*(__u64 *)to = sighting->record;
		return 0;
	}
	if (sighting->bytes)
		return copy(to, length, room, sighting->bytes);
	if (room < START || sighting->viewed < SHORT_MIN)
		return copy(to, length, room, sighting->data);
	if (length > START && sighting->viewed >= START) {
		copy_start(to, sighting->view);
		return copy(to + START, length - START, room - START, sighting->data + START);
	}
	if (sighting->viewed < length || length > SHORT_MAX || length < SHORT_MIN)
		return copy(to, length, room, sighting->data);
	copy_short(to, sighting->view, length);
	return 0;
}

/* The filter, on a copy of what it looks at. */
static __always_inline __u32 matches(struct sighting *sighting)
{
	__u32 queue_index = 0, ifindex = 0;
	__u64 size = (__u64)sighting->readable - 1;

	/* As in bounded_size(). */
	KEEP(size);
	if (size >= config.reach) {
		if (sighting->readable == 0)
			return 0;
		size = config.reach - 1;
	}
	KEEP(size);
	size += 1;
	KEEP(size);
	if (sighting->is_skb ? !sighting->gathered : !sighting->bytes) {
		if (bpf_probe_read_kernel(sighting->view, size, sighting->data))
			return 0;
		/* At exit the verifier would have to go through too much again for each length. */
		if (sighting->direction == XDPSHARK_ENTRY)
			sighting->viewed = size;
	}
	if (config.wants_device) {
		queue_index = queue_of(sighting);
		ifindex = ifindex_of(sighting);
	}
	/* Old verifiers have forgotten that, if it was put aside. */
	size -= 1;
	KEEP(size);
	if (size >= config.reach)
		return 0;
	size += 1;
	KEEP(size);
	return filter_buffer(sighting->view, size, sighting->wire_length, ifindex, queue_index);
}

#endif /* XDPSHARK_VIEW_BPF_H */
