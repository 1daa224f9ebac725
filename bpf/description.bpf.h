/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes into a record besides the packet's bytes.
 */
#ifndef XDPSHARK_DESCRIPTION_BPF_H
#define XDPSHARK_DESCRIPTION_BPF_H

#include "redirect.bpf.h"
#include "sighting.bpf.h"

static __always_inline void source_describe(void *ctx, struct xdpshark_record *record)
{
	const struct sighting *sighting = ctx;

	record->ifindex = ifindex_of(sighting);
	record->queue = sighting->queue;
}

/* All packets are of one device, unless they come out of a map, or of ports. */
static __always_inline __u32 source_is_other_device(void *ctx, const struct xdpshark_device *device)
{
	const struct sighting *sighting = ctx;
	__u32 only = program_config.only;
	struct net_device *from;

	if (only)
		return device->ifindex != only;
	from = device_of(sighting);
	if (device->ifindex != (__u32)MEMBER(from, ifindex))
		return 1;
	/* Ports are where the device is that has them. */
	return !program_config.ifindex && device->namespace != cookie_of(sighting, from);
}

static __always_inline void source_read_device(void *ctx, struct xdpshark_device *to)
{
	const struct sighting *sighting = ctx;
	struct net_device *device = device_of(sighting);

	bpf_probe_read_kernel(to->name, sizeof(to->name), &device->name);
	to->ifindex = ifindex_of(sighting);
	to->type = MEMBER(device, type);
	to->namespace =
		program_config.ifindex ? program_config.namespace : cookie_of(sighting, device);
}

static __always_inline void source_write_extra(void *ctx, __u8 *to)
{
	const struct sighting *sighting = ctx;
	struct xdpshark_program_extra *extra = (void *)to;

	extra->duration = sighting->duration;
	extra->head = sighting->head;
	extra->tail = sighting->tail;
	extra->program = current_program(sighting);
	extra->map = 0;
	extra->target = 0;
	extra->socket = 0;
	extra->frame = sighting->frame;
	extra->reserved = 0;
	extra->map_type = 0;
	extra->flags = 0;
	if (sighting->readable < sighting->wire_length && sighting->readable < config.snaplen)
		extra->flags |= XDPSHARK_LINEAR_ONLY;
	if (sighting->is_skb) {
		extra->mark = sighting->mark;
		extra->flags |= sighting->mark_changed ? XDPSHARK_MARK_CHANGED : 0;
	}
	if (sighting->direction != XDPSHARK_EXIT)
		return;
	if (sighting->is_skb && sighting->verdict == TC_ACT_REDIRECT)
		write_device(extra);
	else if (!sighting->is_skb && sighting->verdict == XDP_REDIRECT)
		write_target(extra);
}

#endif /* XDPSHARK_DESCRIPTION_BPF_H */
