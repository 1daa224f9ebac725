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

/* A frame in fragments is put into one place, as far as anybody looks. */
static __always_inline void look_at_fragments(struct sighting *sighting)
{
	struct page_bases bases;
	__u32 length, gathered;

	if (sighting->linear >= sighting->wire_length || !program_config.pages || sighting->bytes)
		return;
	length = config.snaplen > config.reach ? config.snaplen : config.reach;
	if (length > sighting->wire_length)
		length = sighting->wire_length;
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
