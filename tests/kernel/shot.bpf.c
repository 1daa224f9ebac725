// SPDX-License-Identifier: GPL-2.0-or-later
/* A traffic control program that drops what is sent to UDP port 9. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT 9

SEC("classifier")
int shot(struct __sk_buff *skb)
{
	__u16 port = 0;

	bpf_skb_load_bytes(
		skb, ETH_HLEN + sizeof(struct iphdr) + __builtin_offsetof(struct udphdr, dest),
		&port, sizeof(port));
	return port == bpf_htons(PORT) ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
