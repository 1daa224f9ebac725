/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames in fragments: their length, and when they are put into one place (fragments.bpf.h).
 */
#ifndef XDPSHARK_FRAME_BPF_H
#define XDPSHARK_FRAME_BPF_H

#include "sighting.bpf.h"
/* after sighting.bpf.h, which says how much the source adds to a record */
#include "fragments.bpf.h"

#define XDP_FLAGS_HAS_FRAGS 1

static __always_inline int has_fragments(const struct sighting *sighting)
{
	if (!bpf_core_field_exists(sighting->xdp->flags))
		return 0;
	return MEMBER(sighting->xdp, flags) & XDP_FLAGS_HAS_FRAGS;
}

/* The kernel's xdp_get_shared_info_from_buff(). */
static __always_inline struct skb_shared_info *shared_info(const struct sighting *sighting)
{
	__u32 size = (bpf_core_type_size(struct skb_shared_info) + 63) & ~63;

	return MEMBER(sighting->xdp, data_hard_start) + MEMBER(sighting->xdp, frame_sz) - size;
}

/* Bytes in fragments. */
static __always_inline __u32 fragments_length(const struct sighting *sighting)
{
	__u32 length;

	if (!has_fragments(sighting) ||
	    bpf_probe_read_kernel(&length, sizeof(length), &shared_info(sighting)->xdp_frags_size))
		return 0;
	return length;
}

/* Bytes of the frame that anybody looks at. */
static __always_inline __u32 length_looked_at(const struct sighting *sighting)
{
	__u32 length = config.snaplen > config.reach ? config.snaplen : config.reach;

	return length < sighting->wire_length ? length : sighting->wire_length;
}

/* Puts the bytes of a skb at `to`. Returns how many are there. */
static __always_inline __u32 gather_skb(struct sighting *sighting, __u8 *to, __u32 length)
{
	const struct page_bases bases = { program_config.pages, program_config.memory };
	struct skb_shared_info *info = (void *)(sighting->skb->head + sighting->skb->end);
	__u32 linear = sighting->linear;

	/* What is in a list of further skbs is not read. */
	if (program_config.pages && linear < length && BPF_CORE_READ(info, nr_frags) > 0)
		return gather(sighting->data, linear, info, bases, &sighting->side->gathering, to,
			      length);
	if (!linear ||
	    bpf_probe_read_kernel(to, bounded_size(linear, GATHERED_MAX), sighting->data))
		return 0;
	return linear;
}

/* Puts a skb in fragments into the view, and one whose tag is beside its bytes, which goes between
 * addresses and protocol. Returns how many bytes are there; 0: it is in one piece elsewhere. */
static __always_inline __u32 assemble_skb(struct sighting *sighting)
{
	__u64 tag = skb_has_tag(sighting->skb) ? SKB_TAG : 0;
	__u32 length = length_looked_at(sighting), gathered;
	__u8 *view = sighting->view;

	if (!view || sighting->linear >= sighting->wire_length)
		return 0;
	if (length > sighting->wire_length - tag)
		length = sighting->wire_length - tag;
	KEEP(tag);
	gathered = gather_skb(sighting, view + (tag & SKB_TAG), length);
	if (!gathered || !tag)
		return gathered;
	__builtin_memmove(view, view + SKB_TAG, SKB_ADDRESSES);
	*(__u16 *)(view + SKB_ADDRESSES) = sighting->skb->vlan_proto;
	*(__u16 *)(view + SKB_ADDRESSES + 2) = SKB_NETWORK(sighting->skb->vlan_tci);
	return gathered + SKB_TAG;
}

/* Where the bytes of a skb are. Once for a sighting, and what is found goes through memory, since
 * the verifier would go through all that follows for each case. */
static __always_inline void look_at_skb(struct sighting *sighting)
{
	__u32 gathered = assemble_skb(sighting);
	void *bytes = gathered ? sighting->view : sighting->data;

	sighting->readable =
		number_of(sighting->side, (void *)(__u64)(gathered ? gathered : sighting->linear));
	sighting->bytes = (void *)number_of(sighting->side, bytes);
	sighting->gathered = number_of(sighting->side, (void *)(__u64)gathered);
}

/* A frame in fragments is put into one place, as far as anybody looks. */
static __always_inline void look_at_fragments(struct sighting *sighting)
{
	struct page_bases bases;
	__u32 length, gathered;

	/* look_at_skb() has been there. */
	if (sighting->is_skb || sighting->linear >= sighting->wire_length ||
	    !program_config.pages || sighting->bytes)
		return;
	length = length_looked_at(sighting);
	if (length <= sighting->linear)
		return;
	bases.pages = program_config.pages;
	bases.memory = program_config.memory;
	gathered = gather(sighting->data, sighting->linear, shared_info(sighting), bases,
			  &sighting->side->gathering, sighting->view, length);
	if (gathered) {
		sighting->bytes = sighting->view;
		sighting->readable = gathered;
	}
}

#endif /* XDPSHARK_FRAME_BPF_H */
