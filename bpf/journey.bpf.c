// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where packets that are followed (journey.bpf.h) are copied, and where they end: the tracepoints
 * that all kernels have, which programs may be attached to wherever they may be at kfree_skb. The
 * kernel frees many an skb without a word (what TCP has read, for one); its memory goes back to its
 * cache all the same. What is put aside for the next packet of the same CPU (GRO) is not seen.
 */
#include "journey.bpf.h"

/* The skb at that address is no more. Returns whether it was followed. */
static __always_inline int end(__u64 address)
{
	struct xdpshark_travel *travel = journey_travel();

	if (!bpf_map_lookup_elem(&xdpshark_journeys, &address) ||
	    bpf_map_delete_elem(&xdpshark_journeys, &address))
		return 0;
	if (travel)
		__sync_fetch_and_add(&travel->ended, 1);
	return 1;
}

static __always_inline void forget_bytes(struct sk_buff *skb)
{
	__u64 head = (__u64)BPF_CORE_READ(skb, head);

	bpf_map_delete_elem(&xdpshark_buffers, &head);
}

/* About to be freed, with its bytes still there. */
static __always_inline int end_skb(__u64 *ctx)
{
	struct sk_buff *skb = (void *)ctx[0];
	int followed = end((__u64)skb);

	if (journey_is_cloned(skb) ? journey_users(skb) == 1 : followed)
		forget_bytes(skb);
	return 0;
}

SEC("tp_btf/kfree_skb")
int xdpshark_kfree(__u64 *ctx)
{
	return end_skb(ctx);
}

SEC("tp_btf/consume_skb")
int xdpshark_consume(__u64 *ctx)
{
	return end_skb(ctx);
}

/* Its bytes are gone already if nobody else has them: the kernel need not have counted that last
 * one down. In doubt they are: to lose a clone is better than to take another packet for one. */
static __always_inline void end_memory(__u64 address)
{
	struct sk_buff *skb = (void *)address;

	if (end(address) && (!journey_is_cloned(skb) || journey_users(skb) <= 1))
		forget_bytes(skb);
}

/* Any memory: an skb's, or where its bytes were. What TCP sends is allocated together with its
 * first clone, which lies behind it. */
static __always_inline int end_any(__u64 address)
{
	const struct xdpshark_travel *travel = journey_travel();

	if (!travel || !travel->kept)
		return 0;
	if (bpf_map_lookup_elem(&xdpshark_buffers, &address))
		bpf_map_delete_elem(&xdpshark_buffers, &address);
	if (travel->kept == travel->ended)
		return 0;
	end_memory(address);
	end_memory(address + bpf_core_type_size(struct sk_buff));
	return 0;
}

SEC("tp_btf/kmem_cache_free")
int xdpshark_free(__u64 *ctx)
{
	return end_any(argument(ctx, 1));
}

SEC("tp_btf/kfree")
int xdpshark_free_any(__u64 *ctx)
{
	return end_any(argument(ctx, 1));
}

/* Where functions can be watched, copies are known from the beginning: what a function returns. */
static __always_inline int follow(__u64 original, __u64 copy)
{
	__u64 now = bpf_ktime_get_ns(), number;

	if (!copy)
		return 0;
	number = journey_find((void *)original, original, now, 0);
	if (number)
		journey_keep((void *)copy, copy, number, now);
	return 0;
}

SEC("fexit/skb_clone")
int xdpshark_clone(__u64 *ctx)
{
	return follow(ctx[0], ctx[2]);
}

SEC("fexit/skb_copy")
int xdpshark_copy(__u64 *ctx)
{
	return follow(ctx[0], ctx[2]);
}

SEC("fexit/skb_copy_expand")
int xdpshark_expand(__u64 *ctx)
{
	return follow(ctx[0], ctx[4]);
}

SEC("fexit/__pskb_copy_fclone")
int xdpshark_pcopy(__u64 *ctx)
{
	return follow(ctx[0], ctx[4]);
}

char LICENSE[] SEC("license") = "GPL";
