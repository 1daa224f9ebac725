// SPDX-License-Identifier: GPL-2.0-or-later
/* An XDP program that nobody has prepared for a capture. What it does with a packet of ethertype
 * 88b5 stands in the first byte behind the Ethernet header; all others pass. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "traced.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} leaves SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} cpus SEC(".maps");

/* Reached by a tail call alone. */
SEC("xdp")
int leaf(struct xdp_md *ctx)
{
	return ctx->data < ctx->data_end ? XDP_DROP : XDP_PASS;
}

/* For an entry of a devmap. */
SEC("xdp/devmap")
int egress(struct xdp_md *ctx)
{
	return ctx->data < ctx->data_end ? XDP_PASS : XDP_DROP;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sums SEC(".maps");

/* Leaves all packets as they are. */
SEC("xdp")
int keeper(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	const __u32 zero = 0;
	__u64 *sum = bpf_map_lookup_elem(&sums, &zero);

	if (data + 16 > (unsigned char *)(long)ctx->data_end)
		return XDP_PASS;
	if (sum)
		__sync_fetch_and_add(sum, data[15] + bpf_ktime_get_ns());
	switch (data[14]) {
	case TRACED_DROP:
		return XDP_DROP;
	case TRACED_INDEX:
		return bpf_redirect(1, 0);
	}
	return XDP_PASS;
}

static __always_inline int push(struct xdp_md *ctx)
{
	unsigned char *data;

	if (bpf_xdp_adjust_head(ctx, -TRACED_PUSHED))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	if (data + TRACED_PUSHED > (unsigned char *)(long)ctx->data_end)
		return XDP_ABORTED;
	__builtin_memset(data, 0xaa, TRACED_PUSHED);
	return XDP_TX;
}

SEC("xdp")
int a_program_with_a_long_name(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 64 > (unsigned char *)(long)ctx->data_end || data[12] != 0x88 ||
	    data[13] != 0xb5)
		return XDP_PASS;
	switch (data[14]) {
	case TRACED_DROP:
		return XDP_DROP;
	case TRACED_REWRITE:
		data[TRACED_REWRITTEN] = 0xee;
		return XDP_TX;
	case TRACED_PUSH:
		return push(ctx);
	case TRACED_CUT:
		return bpf_xdp_adjust_tail(ctx, -TRACED_CUT_OFF) ? XDP_ABORTED : XDP_DROP;
	case TRACED_DEVMAP:
		return bpf_redirect_map(&devices, TRACED_KEY, 0);
	case TRACED_CPUMAP:
		return bpf_redirect_map(&cpus, TRACED_KEY, 0);
	case TRACED_INDEX:
		return bpf_redirect(1, 0);
	case TRACED_TAIL_CALL:
		bpf_tail_call(ctx, &leaves, 0);
		return XDP_ABORTED;
	case TRACED_ODD:
		return TRACED_ODD_VERDICT;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
