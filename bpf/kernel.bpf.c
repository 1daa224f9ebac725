// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs at the kernel's own places, which get a struct sk_buff as the kernel's types
 * describe it: at tracepoints, first of all that of packets that are dropped, and at functions
 * (fentry).
 */
#include "skb_capture.bpf.h"

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
#define TAKE_ARGUMENT(SKB, CTX, TARGET, INDEX)                                                     \
	if (((TARGET) >> XDPSHARK_TARGET_ARGUMENT & 0xff) == (INDEX)) {                            \
		SKB = (void *)(CTX)[INDEX];                                                        \
		KEEP(SKB);                                                                         \
	}

/* Another tracepoint, or a function as it begins. */
SEC("xdpshark.point")
int xdpshark_point(__u64 *ctx)
{
	const __u32 target = own_number();
	struct sk_buff *skb = (void *)0;
	struct sighting sighting = {};

	TAKE_ARGUMENT(skb, ctx, target, 0)
	TAKE_ARGUMENT(skb, ctx, target, 1)
	TAKE_ARGUMENT(skb, ctx, target, 2)
	TAKE_ARGUMENT(skb, ctx, target, 3)
	TAKE_ARGUMENT(skb, ctx, target, 4)
	if (!skb)
		return 0;
	sighting.context = ctx;
	sighting.skb = skb;
	sighting.point = target;
	if (target & XDPSHARK_TARGET_ARRIVES)
		sighting.flags = XDPSHARK_SKB_ARRIVES;
	return look(&sighting);
}

char LICENSE[] SEC("license") = "GPL";
