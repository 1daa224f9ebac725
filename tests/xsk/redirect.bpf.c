// SPDX-License-Identifier: GPL-2.0-or-later
/* Redirects packets of ethertype 88b5 to the AF_XDP socket of their queue, and passes all others.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdpshark_hook.h"

XDPSHARK_HOOK(redirect_hook);

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} sockets SEC(".maps");

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	int action = XDP_PASS;

	if ((void *)(ethernet + 1) <= (void *)(long)ctx->data_end &&
	    ethernet->h_proto == bpf_htons(0x88b5))
		action = bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
	return xdpshark_exit(ctx, &redirect_hook, action);
}

char LICENSE[] SEC("license") = "GPL";
