// SPDX-License-Identifier: GPL-2.0-or-later
/* A program that redirects packets of ethertype 88b5 into maps, and the programs in these maps. The
 * byte behind the Ethernet header says where they go. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* As hold.c has it. */
#define HASHED_KEY 4000000000U

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} held_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} hashed_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} held_cpus SEC(".maps");

SEC("xdp")
int director(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 64 > (unsigned char *)(long)ctx->data_end || data[12] != 0x88 ||
	    data[13] != 0xb5)
		return XDP_PASS;
	if (data[14] == 5)
		return bpf_redirect_map(&held_ports, 1, 0);
	if (data[14] == 7)
		return bpf_redirect_map(&hashed_ports, HASHED_KEY, 0);
	if (data[14] == 6)
		return bpf_redirect_map(&held_cpus, 1, 0);
	return XDP_PASS;
}

SEC("xdp/devmap")
int on_the_way_out(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 64 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	data[20] = 0xee;
	return XDP_PASS;
}

SEC("xdp/cpumap")
int on_another_cpu(struct xdp_md *ctx)
{
	return ctx->data < ctx->data_end ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
