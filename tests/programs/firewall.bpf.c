/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An XDP program as most are, which knows nothing of xdpshark: drops DNS queries of more than 100
 * bytes of payload, as those who tunnel through DNS send, and passes everything else.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DNS_PORT    53
#define PAYLOAD_MAX 100

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > data_end || ethernet->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->ihl != 5 || ip->protocol != IPPROTO_UDP || udp->dest != bpf_htons(DNS_PORT))
		return XDP_PASS;
	return bpf_ntohs(udp->len) > sizeof(*udp) + PAYLOAD_MAX ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
