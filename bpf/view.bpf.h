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

/* The memory of a CPU for what our programs copy of a packet: for the filter, or a frame in
 * fragments as a whole. Each of the two has an element of its own; `exit`: that of the program at
 * exit. */
static __always_inline __u8 *find_view(__u32 cpu, __u32 exit)
{
	__u32 key = cpu * 2 + exit;

	return bpf_map_lookup_elem(&xdpshark_heads, &key);
}

/* After that the sighting's lengths are known. */
static __always_inline void measure(struct sighting *sighting)
{
	sighting->data = MEMBER(sighting->xdp, data);
	sighting->linear = MEMBER(sighting->xdp, data_end) - sighting->data;
	sighting->wire_length = sighting->linear + fragments_length(sighting);
	sighting->readable = sighting->linear;
}

static __always_inline long source_copy(void *ctx, __u8 *to, __u32 length, __u32 room)
{
	const struct sighting *sighting = ctx;

	return bpf_probe_read_kernel(to, bounded_size(length, room),
				     sighting->bytes ? sighting->bytes : sighting->data);
}

/* The filter, on a copy of what it looks at. */
static __always_inline __u32 matches(struct sighting *sighting)
{
	__u32 length = sighting->readable, queue_index = 0, ifindex = program_config.ifindex;

	if (length > config.reach)
		length = config.reach;
	if (length == 0)
		return 0;
	if (!sighting->bytes && source_copy(sighting, sighting->view, length, config.reach))
		return 0;
	if (config.wants_device) {
		queue_index = queue_of(sighting);
		ifindex = ifindex_of(sighting);
	}
	return filter_buffer(sighting->view, bounded_size(length, config.reach),
			     sighting->wire_length, ifindex, queue_index);
}

#endif /* XDPSHARK_VIEW_BPF_H */
