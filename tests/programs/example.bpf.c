/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instrumented XDP program of the demo and the tests: does to a UDP packet over IPv4 what its
 * destination port says, and passes everything else.
 *
 *	1000 aborts, 1001 drops, 1002 passes, 1003 transmits back, 1004 redirects to devices[0]
 *
 * The programs are the same but for fragments: `example` is for frames in one piece,
 * `example_frags` for jumbo frames too. Each has a hook of its own, since a hook takes programs of
 * one kind only. `example_old` is like `example`, with a hook of four slots.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdpshark_hook.h"

#ifdef EXAMPLE_FRAGS
#define SECTION "xdp.frags"
#else
#define SECTION "xdp"
#endif

#ifdef EXAMPLE_OLD
/* A hook from the time before XDP_REDIRECT. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} example_hook SEC(".maps");
#else
XDPSHARK_HOOK(example_hook);
#endif

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} devices SEC(".maps");

#define FIRST_PORT 1000

static __always_inline int udp_action(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > data_end || ethernet->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	__u32 action = bpf_ntohs(udp->dest) - FIRST_PORT;
	return action <= XDP_REDIRECT ? action : XDP_PASS;
}

static __always_inline void swap_addresses(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	unsigned char address[ETH_ALEN];

	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return;
	__builtin_memcpy(address, ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
	__builtin_memcpy(ethernet->h_dest, address, ETH_ALEN);
}

SEC(SECTION)
int example(struct xdp_md *ctx)
{
	int action = udp_action(ctx);

	if (action == XDP_TX)
		swap_addresses(ctx);
	if (action == XDP_REDIRECT)
		action = bpf_redirect_map(&devices, 0, XDP_ABORTED);
	return xdpshark_exit(ctx, &example_hook, action);
}

char LICENSE[] SEC("license") = "GPL";
