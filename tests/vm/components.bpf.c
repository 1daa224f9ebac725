// SPDX-License-Identifier: GPL-2.0-or-later
/* Two programs that libxdp puts on one device, for packets of ethertype 88b5; the byte behind the
 * Ethernet header says what becomes of them. What the first one passes the second one gets. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* -1: none of these packets. */
static __always_inline int kind_of(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 64 > (unsigned char *)(long)ctx->data_end || data[12] != 0x88 ||
	    data[13] != 0xb5)
		return -1;
	return data[14];
}

SEC("xdp")
int first_component_of_two(struct xdp_md *ctx)
{
	return kind_of(ctx) == 1 ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int second_component(struct xdp_md *ctx)
{
	unsigned char *data;

	if (kind_of(ctx) != 2)
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	if (data + 64 > (unsigned char *)(long)ctx->data_end)
		return XDP_ABORTED;
	data[20] = 0xee;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
