/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a packet of the kernel that are not in one piece with its first ones: in pages, and
 * in a list of further packets, each with pages of its own. From 6.12 on the kernel reads them for
 * us; before, we do.
 */
#ifndef XDPSHARK_SKB_FRAGMENTS_BPF_H
#define XDPSHARK_SKB_FRAGMENTS_BPF_H

#include "skb_sighting.bpf.h"

#include "fragments.bpf.h"

#ifndef SKB_BY_ADDRESS
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags,
			       struct bpf_dynptr *dynptr) __ksym __weak;

/* Bytes that the kernel reads at once. */
#define SKB_PIECE  16384
#define SKB_PIECES ((XDPSHARK_SNAPLEN_MAX + SKB_PIECE - 1) / SKB_PIECE)

/* The dynptr begins where the skb's data begin, which may be before or behind the frame: the linear
 * part ends at the same byte for both. */
static __always_inline void read_fragments(struct sighting *sighting, __u8 *to, const __u32 want)
{
	__u32 from = sighting->skb->len - sighting->skb->data_len;
	__u32 rest = sighting->frame->fragments, at = sighting->frame->linear, size;

	if (bpf_dynptr_from_skb((struct __sk_buff *)sighting->skb, 0, &sighting->fragments))
		return;
	if (rest > want - at)
		rest = want - at;
	for (int i = 0; i < SKB_PIECES; i++) {
		__u64 offset = at;

		size = rest < SKB_PIECE ? rest : SKB_PIECE;
		KEEP(offset);
		if (size == 0 || offset > want)
			break;
		if (bpf_dynptr_read(to + offset, bounded_size(size, SKB_PIECE),
				    &sighting->fragments, from, 0))
			break;
		at += size;
		from += size;
		rest -= size;
		sighting->readable += size;
	}
}
#else
/* It takes one of the kernel's own pointers. */
#define read_fragments(SIGHTING, TO, WANT) ((void)0)
#endif

/* Steps of a walk: 64 KiB in a list of Ethernet's frames, or in pages. */
#define WALK_STEPS 48

static __always_inline struct skb_shared_info *shared_of(struct sk_buff *skb)
{
	return (void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));
}

/* Finds out where the current part is, and how large: 0 if there is no such part. It is at 0 if it
 * cannot be read. Part 0 of a packet is the linear one, the others are pages. */
static __always_inline void walk_find_part(volatile struct skb_walk *walk, struct sk_buff *skb)
{
	struct page_bases bases = { kernel_config.pages, kernel_config.memory };
	struct skb_shared_info *shared = shared_of(skb);
	__u32 index = walk->index;
	struct bio_vec fragment = {};

	walk->parts = BPF_CORE_READ(shared, nr_frags);
	walk->from = 0;
	walk->size = 0;
	if (index == 0) {
		walk->from = (__u64)BPF_CORE_READ(skb, data);
		walk->size = BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len);
	} else if (index <= walk->parts) {
		walk->size = 1;
		if (!kernel_config.pages || index > FRAGMENTS ||
		    bpf_probe_read_kernel(&fragment, sizeof(fragment), &shared->frags[index - 1]))
			return;
		walk->size = fragment.length;
		if (!(fragment.page & 1)) /* else no memory of this machine: a net_iov */
			walk->from = page_memory(fragment.page, bases) + fragment.offset;
	}
}

/* Copies the next piece of the current part. Returns 0 if that cannot be. */
static __always_inline int walk_copy(volatile struct skb_walk *walk, __u8 *to, const __u32 want)
{
	__u32 size = walk->size - walk->within, room = want - walk->copied;

	walk->piece = size < PIECE ? size : PIECE;
	if (walk->piece > room)
		walk->piece = room;
	if (!walk->from ||
	    copy_page(to, walk->copied, want, walk->from + walk->within, walk->piece))
		return 0;
	walk->copied += walk->piece;
	walk->within += walk->piece;
	return 1;
}

static __always_inline void walk_go_on(volatile struct skb_walk *walk, struct sk_buff *skb,
				       struct sk_buff *first)
{
	walk->within = 0;
	if (walk->index < walk->parts) {
		walk->index++;
		return;
	}
	walk->index = 0;
	if (skb == first)
		walk->skb = (__u64)BPF_CORE_READ(shared_of(skb), frag_list);
	else
		walk->skb = (__u64)BPF_CORE_READ(skb, next);
}

/* Copies a piece, and goes to the next one. Returns 0 when there is no more. */
static __always_inline int walk_step(struct sk_buff *first, volatile struct skb_walk *walk,
				     __u8 *to, const __u32 want)
{
	struct sk_buff *skb;

	/* Otherwise the address of each member takes room on the stack. */
	KEEP(walk);
	skb = (void *)walk->skb;
	if (!skb || walk->copied >= want)
		return 0;
	walk_find_part(walk, skb);
	if (walk->within < walk->size && !walk_copy(walk, to, want))
		return 0;
	if (walk->within >= walk->size)
		walk_go_on(walk, skb, first);
	return 1;
}

static __always_inline void walk_fragments(struct sighting *sighting, __u8 *to, const __u32 want)
{
	volatile struct skb_walk *walk = &sighting->work->walks[sighting->level & (LEVELS - 1)];
	__u32 linear = sighting->frame->linear;

	walk->skb = (__u64)sighting->skb;
	walk->copied = linear;
	walk->index = 1;
	walk->within = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < WALK_STEPS; i++)
		if (!walk_step(sighting->skb, walk, to, want))
			break;
	sighting->readable += walk->copied - linear;
}

/* Appends what it can to the linear part at `to`, up to `want` bytes in all. */
static __always_inline void append_fragments(struct sighting *sighting, __u8 *to, const __u32 want)
{
	if (kernel_config.fragments == XDPSHARK_FRAGMENTS_BY_KERNEL)
		read_fragments(sighting, to, want);
	else if (kernel_config.fragments == XDPSHARK_FRAGMENTS_WALK)
		walk_fragments(sighting, to, want);
}

#endif /* XDPSHARK_SKB_FRAGMENTS_BPF_H */
