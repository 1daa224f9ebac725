// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A traffic control program that does something else to packets of each UDP port from 2001 on, and
 * writes down its verdict by the number in their payload.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT_OFFSET   (ETH_HLEN + sizeof(struct iphdr) + __builtin_offsetof(struct udphdr, dest))
#define NUMBER_OFFSET (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define NUMBERS	      8192

/* So that 0 is none. */
#define WRITTEN 100

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NUMBERS);
	__type(key, __u32);
	__type(value, __u32);
} verdicts SEC(".maps");

/* Index of the device that packets are redirected to. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

static int redirect(void)
{
	const __u32 zero = 0;
	const __u32 *ifindex = bpf_map_lookup_elem(&target, &zero);

	return ifindex ? bpf_redirect(*ifindex, 0) : TC_ACT_SHOT;
}

static int act(struct __sk_buff *skb, __u16 port)
{
	const __u8 byte = 0xee;

	switch (port) {
	case 2001:
		return TC_ACT_SHOT;
	case 2002:
		bpf_skb_store_bytes(skb, NUMBER_OFFSET + 4, &byte, sizeof(byte), 0);
		return TC_ACT_OK;
	case 2003:
		return redirect();
	case 2004:
		return TC_ACT_PIPE;
	case 2005:
		skb->mark = 7;
		return TC_ACT_OK;
	case 2006:
		bpf_skb_change_tail(skb, skb->len + 8, 0);
		return TC_ACT_OK;
	case 2007:
		bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 42);
		return TC_ACT_OK;
	case 2008:
		return TC_ACT_STOLEN;
	default:
		return TC_ACT_UNSPEC;
	}
}

SEC("classifier")
int decide(struct __sk_buff *skb)
{
	__u32 number = 0, *written;
	__u16 port = 0;
	int verdict;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_UNSPEC;
	bpf_skb_load_bytes(skb, PORT_OFFSET, &port, sizeof(port));
	bpf_skb_load_bytes(skb, NUMBER_OFFSET, &number, sizeof(number));
	verdict = act(skb, bpf_ntohs(port));
	written = bpf_map_lookup_elem(&verdicts, &number);
	if (written && bpf_ntohs(port) > 2000)
		*written = verdict + WRITTEN;
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
