// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where packets that are followed (journey.bpf.h) are copied, and where they end: the tracepoints
 * that all kernels have, which programs may be attached to wherever they may be at kfree_skb. The
 * kernel frees many an skb without a word (what TCP has read, for one); its memory goes back to its
 * cache all the same. What GRO has joined to another packet is put aside for the next one of the
 * same CPU: that it was joined is said as GRO ends.
 *
 * Where functions can be watched, copies and parts of a packet are followed, too, from where they
 * are made. The loader leaves out those that the kernel does not have.
 */
#include "journey.bpf.h"

/* What GRO has done with a packet. Numbers are the running kernel's. */
enum gro_result {
	GRO_MERGED,
	GRO_MERGED_FREE,
};

/* What GRO is at, of each CPU: nothing comes in between. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} xdpshark_received SEC(".maps");

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

static __always_inline int receive(__u64 address)
{
	const __u32 zero = 0;
	__u64 *received = bpf_map_lookup_elem(&xdpshark_received, &zero);

	if (received)
		*received = address;
	return 0;
}

static __always_inline int received(__u32 result)
{
	const __u32 zero = 0;
	__u64 *received = bpf_map_lookup_elem(&xdpshark_received, &zero);
	__u64 address;

	if (!received)
		return 0;
	address = *received;
	*received = 0;
	if (address && bpf_core_enum_value_exists(enum gro_result, GRO_MERGED_FREE) &&
	    result == bpf_core_enum_value(enum gro_result, GRO_MERGED_FREE))
		end_memory(address);
	return 0;
}

SEC("tp_btf/napi_gro_receive_entry")
int xdpshark_gro(__u64 *ctx)
{
	return receive(ctx[0]);
}

SEC("tp_btf/napi_gro_receive_exit")
int xdpshark_gro_end(__u64 *ctx)
{
	return received(ctx[0]);
}

SEC("tp_btf/napi_gro_frags_entry")
int xdpshark_frags(__u64 *ctx)
{
	return receive(ctx[0]);
}

SEC("tp_btf/napi_gro_frags_exit")
int xdpshark_frags_end(__u64 *ctx)
{
	return received(ctx[0]);
}

/* Functions return errors as the last addresses that there are. */
#define IS_POINTER(ADDRESS) ((ADDRESS) && (ADDRESS) < -4095ULL)

static __always_inline int follow(__u64 original, __u64 copy)
{
	__u64 now = bpf_ktime_get_ns(), number;

	if (!IS_POINTER(copy))
		return 0;
	number = journey_find((void *)original, original, now, 0);
	if (number)
		journey_keep((void *)copy, copy, number, now);
	return 0;
}

/* The parts of a packet, a list. */
static __always_inline int follow_all(__u64 original, __u64 part)
{
	__u64 now = bpf_ktime_get_ns(), number;
	struct xdpshark_travel *travel = journey_travel();

	if (!travel || !IS_POINTER(part))
		return 0;
	number = journey_find((void *)original, original, now, 0);
	if (!number)
		return 0;
	for (int i = 0; i < XDPSHARK_PARTS_MAX && part; i++) {
		journey_keep((void *)part, part, number, now);
		part = (__u64)BPF_CORE_READ((struct sk_buff *)part, next);
	}
	if (part)
		__sync_fetch_and_add(&travel->parted, 1);
	return 0;
}

/* Fragments that are there already. */
static __always_inline int follow_list(__u64 original)
{
	struct sk_buff *skb = (void *)original;
	struct skb_shared_info *shared =
		(void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));

	return follow_all(original, (__u64)BPF_CORE_READ(shared, frag_list));
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

SEC("fexit/__skb_gso_segment")
int xdpshark_segment(__u64 *ctx)
{
	return follow_all(ctx[0], ctx[3]);
}

SEC("fentry/ip_do_fragment")
int xdpshark_list(__u64 *ctx)
{
	return follow_list(ctx[2]);
}

SEC("fentry/ip6_fragment")
int xdpshark_list6(__u64 *ctx)
{
	return follow_list(ctx[2]);
}

SEC("fexit/ip_frag_next")
int xdpshark_part(__u64 *ctx)
{
	return follow(ctx[0], ctx[2]);
}

SEC("fexit/ip6_frag_next")
int xdpshark_part6(__u64 *ctx)
{
	return follow(ctx[0], ctx[2]);
}

char LICENSE[] SEC("license") = "GPL";
