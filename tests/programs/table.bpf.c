/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An XDP program that sends UDP packets over IPv4 back to where they come from, and uses a program
 * array on the way:
 *
 *	table          as a jump table, by the packet's destination port
 *	table_old      the same of four slots, table_eight of eight
 *	table_mixed    as a hook for what it passes, and as a jump table
 *	table_perhaps  as a hook, but it counts behind the tail call
 *
 * `dispatch` is attached; `stage` is to be put into slots, and answers by itself.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xdpshark_hook.h"

#ifndef SLOTS
#define SLOTS 5
#endif

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counter SEC(".maps");

struct packet {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

static __always_inline struct packet *udp_packet(struct xdp_md *ctx)
{
	struct packet *packet = (void *)(long)ctx->data;

	if ((void *)(packet + 1) > (void *)(long)ctx->data_end ||
	    packet->ethernet.h_proto != bpf_htons(ETH_P_IP) || packet->ip.ihl != 5 ||
	    packet->ip.protocol != IPPROTO_UDP)
		return NULL;
	return packet;
}

/* The checksums stay right. */
static __always_inline int answer(struct xdp_md *ctx)
{
	struct packet *packet = udp_packet(ctx);
	unsigned char address[ETH_ALEN];
	__be32 source;
	__be16 port;

	if (!packet)
		return XDP_PASS;
	__builtin_memcpy(address, packet->ethernet.h_source, ETH_ALEN);
	__builtin_memcpy(packet->ethernet.h_source, packet->ethernet.h_dest, ETH_ALEN);
	__builtin_memcpy(packet->ethernet.h_dest, address, ETH_ALEN);
	source = packet->ip.saddr;
	packet->ip.saddr = packet->ip.daddr;
	packet->ip.daddr = source;
	port = packet->udp.source;
	packet->udp.source = packet->udp.dest;
	packet->udp.dest = port;
	return XDP_TX;
}

#ifdef TABLE_PERHAPS
SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	int action = answer(ctx);
	__u32 zero = 0;
	__u64 *count;

	bpf_tail_call(ctx, &array, action);
	count = bpf_map_lookup_elem(&counter, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return action;
}
#else
SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	struct packet *packet = udp_packet(ctx);

	if (packet)
		bpf_tail_call(ctx, &array, bpf_ntohs(packet->udp.dest) % SLOTS);
#ifdef TABLE_MIXED
	else
		return xdpshark_exit(ctx, &array, XDP_PASS);
#endif
	return answer(ctx);
}
#endif

SEC("xdp")
int stage(struct xdp_md *ctx)
{
	return answer(ctx);
}

char LICENSE[] SEC("license") = "GPL";
