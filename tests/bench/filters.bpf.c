// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ten capture filters as one would write them by hand in C, each a function with the signature of
 * those that libcbpf makes: what `bench filter` compares its code with. They mean what libpcap
 * makes of the expression above them.
 */
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MATCH	       262144
#define FRAGMENTED     0x1fff
#define ETH_P_REVARP   0x8035
#define FLAGS_OFFSET   13 /* of a TCP header */
#define FLAG_SYN       2
#define FILTER(NAME)   SEC("filter/" #NAME) __u32 NAME(const void *data, const void *end)
#define PORT_IS(PORTS) ((PORTS)[0] == port || (PORTS)[1] == port)

/* As struct ethhdr, but not packed: clang would read its fields byte by byte. */
struct ethernet {
	__u8 dest[ETH_ALEN];
	__u8 source[ETH_ALEN];
	__be16 type;
};

struct arp_message {
	__u8 head[8];
	__u8 sender_mac[ETH_ALEN];
	__u8 sender[4];
	__u8 target_mac[ETH_ALEN];
	__u8 target[4];
};

/* The address of the transport header, or NULL for other protocols, for
 * fragments but the first, and for what is no IP at all. */
static __always_inline const void *find_transport(const void *data, const void *end, __u8 protocol)
{
	const struct ethernet *ethernet = data;

	if ((const void *)(ethernet + 1) > end)
		return 0;
	if (ethernet->type == bpf_htons(ETH_P_IP)) {
		const struct iphdr *ip = (const void *)(ethernet + 1);

		if ((const void *)(ip + 1) > end || ip->frag_off & bpf_htons(FRAGMENTED))
			return 0;
		if (ip->protocol != protocol)
			return 0;
		return (const void *)ip + ip->ihl * 4;
	}
	if (ethernet->type == bpf_htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip = (const void *)(ethernet + 1);

		if ((const void *)(ip + 1) > end || ip->nexthdr != protocol)
			return 0;
		return ip + 1;
	}
	return 0;
}

/* tcp port 80, udp port 53 */
static __always_inline __u32 match_port(const void *data, const void *end, __u8 protocol,
					__u16 port)
{
	const __be16 *ports = find_transport(data, end, protocol);

	if (!ports || (const void *)(ports + 2) > end)
		return 0;
	return PORT_IS(ports) ? MATCH : 0;
}

FILTER(tcp_port)
{
	return match_port(data, end, IPPROTO_TCP, bpf_htons(80));
}

FILTER(udp_port)
{
	return match_port(data, end, IPPROTO_UDP, bpf_htons(53));
}

/* host 10.0.0.1, net 192.168.0.0/16: in ARP and RARP too */
static __always_inline __u32 match_address(const void *data, const void *end, __be32 address,
					   __be32 mask)
{
	const struct ethernet *ethernet = data;
	const struct iphdr *ip = (const void *)(ethernet + 1);
	const struct arp_message *arp = (const void *)(ethernet + 1);

	if ((const void *)(ethernet + 1) > end)
		return 0;
	if (ethernet->type == bpf_htons(ETH_P_IP)) {
		if ((const void *)(ip + 1) > end)
			return 0;
		return (ip->saddr & mask) == address || (ip->daddr & mask) == address ? MATCH : 0;
	}
	if (ethernet->type == bpf_htons(ETH_P_ARP) || ethernet->type == bpf_htons(ETH_P_REVARP)) {
		if ((const void *)(arp + 1) > end)
			return 0;
		return (*(const __be32 *)arp->sender & mask) == address ||
				       (*(const __be32 *)arp->target & mask) == address
			       ? MATCH
			       : 0;
	}
	return 0;
}

FILTER(host)
{
	return match_address(data, end, bpf_htonl(0x0a000001), 0xffffffff);
}

FILTER(net)
{
	return match_address(data, end, bpf_htonl(0xc0a80000), bpf_htonl(0xffff0000));
}

/* icmp */
FILTER(icmp)
{
	const struct ethernet *ethernet = data;
	const struct iphdr *ip = (const void *)(ethernet + 1);

	if ((const void *)(ip + 1) > end || ethernet->type != bpf_htons(ETH_P_IP))
		return 0;
	return ip->protocol == IPPROTO_ICMP ? MATCH : 0;
}

/* ip6 and tcp: behind a fragment header, too */
FILTER(ip6_tcp)
{
	const struct ethernet *ethernet = data;
	const struct ipv6hdr *ip = (const void *)(ethernet + 1);
	const __u8 *next = (const void *)(ip + 1);

	if ((const void *)(ip + 1) > end || ethernet->type != bpf_htons(ETH_P_IPV6))
		return 0;
	if (ip->nexthdr == IPPROTO_TCP)
		return MATCH;
	if (ip->nexthdr != IPPROTO_FRAGMENT || (const void *)(next + 1) > end)
		return 0;
	return *next == IPPROTO_TCP ? MATCH : 0;
}

/* The ports of TCP, UDP and SCTP. */
static __always_inline int has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static __always_inline int in_range(__be16 port)
{
	__u16 number = bpf_ntohs(port);

	return number >= 6000 && number <= 6063;
}

/* portrange 6000-6063 */
FILTER(portrange)
{
	const struct ethernet *ethernet = data;
	const __be16 *ports;

	if ((const void *)(ethernet + 1) > end)
		return 0;
	if (ethernet->type == bpf_htons(ETH_P_IP)) {
		const struct iphdr *ip = (const void *)(ethernet + 1);

		if ((const void *)(ip + 1) > end || !has_ports(ip->protocol) ||
		    ip->frag_off & bpf_htons(FRAGMENTED))
			return 0;
		ports = (const void *)ip + ip->ihl * 4;
	} else if (ethernet->type == bpf_htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip = (const void *)(ethernet + 1);

		if ((const void *)(ip + 1) > end || !has_ports(ip->nexthdr))
			return 0;
		ports = (const void *)(ip + 1);
	} else {
		return 0;
	}
	if ((const void *)(ports + 2) > end)
		return 0;
	return in_range(ports[0]) || in_range(ports[1]) ? MATCH : 0;
}

/* tcp[tcpflags] & tcp-syn != 0: libpcap looks at IPv4 only */
FILTER(syn)
{
	const struct ethernet *ethernet = data;
	const struct iphdr *ip = (const void *)(ethernet + 1);
	const __u8 *tcp;

	if ((const void *)(ip + 1) > end || ethernet->type != bpf_htons(ETH_P_IP) ||
	    ip->protocol != IPPROTO_TCP || ip->frag_off & bpf_htons(FRAGMENTED))
		return 0;
	tcp = (const void *)ip + ip->ihl * 4;
	if ((const void *)(tcp + FLAGS_OFFSET + 1) > end)
		return 0;
	return tcp[FLAGS_OFFSET] & FLAG_SYN ? MATCH : 0;
}

static __always_inline int is_device(const __u8 mac[ETH_ALEN])
{
	return *(const __be32 *)mac == bpf_htonl(0x02000000) &&
	       *(const __be16 *)(mac + 4) == bpf_htons(1);
}

/* ether host 02:00:00:00:00:01 */
FILTER(ether_host)
{
	const struct ethernet *ethernet = data;

	if ((const void *)(ethernet + 1) > end)
		return 0;
	return is_device(ethernet->source) || is_device(ethernet->dest) ? MATCH : 0;
}

/* arp */
FILTER(arp)
{
	const struct ethernet *ethernet = data;

	if ((const void *)(ethernet + 1) > end)
		return 0;
	return ethernet->type == bpf_htons(ETH_P_ARP) ? MATCH : 0;
}
