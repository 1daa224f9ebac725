/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame that a struct sk_buff holds, wherever in the network stack it is: where it begins, its
 * tag, and headers where there are none. Not for programs that also include skb.bpf.h.
 */
#ifndef XDPSHARK_SKB_FRAME_BPF_H
#define XDPSHARK_SKB_FRAME_BPF_H

#include "kernel.bpf.h"

struct dst_entry {
	struct net_device *dev;
} KERNEL_TYPE;

struct sk_buff {
	struct sk_buff *next;
	struct net_device *dev; /* in a union: at times it is something else */
	struct sock *sk;
	unsigned long _skb_refdst; /* a struct dst_entry *, with flags */
	unsigned int len;
	unsigned int data_len;
	__u16 queue_mapping;
	__u8 cloned : 1;
	__u8 vlan_present : 1; /* until 6.1 */
	__u8 tc_at_ingress : 1;
	__u32 vlan_all; /* from 6.2 on */
	__u32 mark;
	__u32 hash;
	int skb_iif;
	__u16 vlan_proto;
	__u16 vlan_tci;
	__u16 protocol;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
} KERNEL_TYPE;

/* Room in front of the bytes of the linear part, for what is put there: an Ethernet header, a tag
 * and an IP header. */
#define SKB_FRONT 64

#define SKB_UNSET     0xffff /* no such header yet; that of the network is 0 then */
#define SKB_ETHERNET  14
#define SKB_ADDRESS   6
#define SKB_ADDRESSES 12
#define SKB_TAG	      4
#define SKB_IP	      20
#define SKB_IPV6      40
/* Ethernet with what may stand before the network header: tags, MPLS. */
#define SKB_LINK_MAX  62

/* ARPHRD_... of those whose packets begin with an Ethernet header. */
#define SKB_DEVICE_ETHER    1
#define SKB_DEVICE_LOOPBACK 772

#define SKB_ETH_P_ALL	 0x0003
#define SKB_ETH_P_IP	 0x0800
#define SKB_ETH_P_8021Q	 0x8100
#define SKB_ETH_P_IPV6	 0x86dd
#define SKB_ETH_P_MPLS	 0x8847
#define SKB_ETH_P_MPLS_M 0x8848
#define SKB_ETH_P_8021AD 0x88a8

#define SKB_FAMILY_INET	 2
#define SKB_FAMILY_INET6 10

/* Of what is less than a struct sock (TCP_TIME_WAIT, TCP_NEW_SYN_RECV). */
#define SKB_STATE_WAIT	  6
#define SKB_STATE_REQUEST 12
#define SKB_PROTOCOL_TCP  6

#define SKB_SWAP(VALUE) ((__u16)__builtin_bswap16(VALUE))
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SKB_NETWORK(VALUE)	SKB_SWAP(VALUE)
#define SKB_NETWORK_LONG(VALUE) __builtin_bswap32(VALUE)
#else
#define SKB_NETWORK(VALUE)	(VALUE)
#define SKB_NETWORK_LONG(VALUE) (VALUE)
#endif

struct skb_frame {
	__u8 *from;	 /* the first byte that is read of the linear part */
	__u32 linear;	 /* bytes from there on in it */
	__u32 fragments; /* bytes behind them */
	__u32 front;	 /* bytes that stand before those that are read, up to SKB_FRONT */
	__u16 tag;	 /* to be put in, if tag_type is not 0; both in network byte order */
	__u16 tag_type;
	__u16 protocol; /* for a header that is made, in network byte order */
	__u8 is_link_made;
	__u8 ip;	   /* bytes of an IP header that is made behind it: 0, SKB_IP or SKB_IPV6 */
	struct sock *sock; /* has the addresses for that */
	/* Whose address is the source in a header that is made, or NULL: the caller may set it. */
	struct net_device *device;
};

/* Where things are, from skb->head on. */
struct skb_offsets {
	__u32 mac;
	__u32 network; /* 0: unknown */
	__u32 transport;
	__u32 begin; /* the data's */
	__u32 end;   /* of the linear part */
};

/* The length of the frame. */
static __always_inline __u32 skb_frame_length(const struct skb_frame *frame)
{
	return frame->front + frame->linear + frame->fragments;
}

static __always_inline int skb_has_tag(struct sk_buff *skb)
{
	if (bpf_core_field_exists(skb->vlan_all))
		return skb->vlan_all != 0;
	if (bpf_core_field_exists(skb->vlan_present))
		return BPF_CORE_READ_BITFIELD_PROBED(skb, vlan_present);
	return 0;
}

/* 0 is also what is there where nobody has chosen one, so the first receive queue has number 1. */
static __always_inline __u32 skb_queue(const struct sk_buff *skb)
{
	__u32 queue = skb->queue_mapping;

	return queue && skb->skb_iif ? queue - 1 : queue;
}

static __always_inline struct skb_offsets skb_find_offsets(struct sk_buff *skb)
{
	struct skb_offsets at = {
		.mac = skb->mac_header,
		.network = skb->network_header,
		.transport = skb->transport_header,
		.begin = skb->data - skb->head,
	};

	at.end = at.begin + skb->len - skb->data_len;
	/* The header of a packet that this one was in. */
	if (at.mac != SKB_UNSET && at.network < at.mac && at.begin > at.mac)
		at.network = 0;
	return at;
}

/* In network byte order. */
static __always_inline __u16 skb_read_type(const __u8 *from)
{
	__u16 type = 0;

	bpf_probe_read_kernel(&type, sizeof(type), from);
	return type;
}

/* Whether an Ethernet header can be at `link`. */
static __always_inline int skb_is_link(const __u8 *head, __u32 link, __u32 network)
{
	__u32 size = network - link;
	__u16 type;

	if (size == SKB_ETHERNET)
		return 1;
	if (size < SKB_ETHERNET || size > SKB_LINK_MAX)
		return 0;
	type = skb_read_type(head + link + SKB_ADDRESSES);
	return type == SKB_NETWORK(SKB_ETH_P_8021Q) || type == SKB_NETWORK(SKB_ETH_P_8021AD) ||
	       type == SKB_NETWORK(SKB_ETH_P_MPLS) || type == SKB_NETWORK(SKB_ETH_P_MPLS_M);
}

static __always_inline int skb_is_of_ip_socket(struct sk_buff *skb)
{
	__u16 family = BPF_CORE_READ(skb, sk, __sk_common.skc_family);

	return family == SKB_FAMILY_INET || family == SKB_FAMILY_INET6;
}

/*
 * Where the Ethernet header is, or SKB_UNSET. The MAC header is one if the network header follows
 * closely; on the way out it is that of the way in, or none yet. There the data begin with the new
 * header before anybody says so, as do those of drivers, and of the sockets that send whole frames.
 */
static __always_inline __u32 skb_find_link(struct sk_buff *skb, __u32 device_type,
					   const struct skb_offsets *at)
{
	__u32 network = at->network ? at->network : at->begin;

	if (device_type && device_type != SKB_DEVICE_ETHER && device_type != SKB_DEVICE_LOOPBACK)
		return SKB_UNSET;
	if (at->mac != SKB_UNSET && skb_is_link(skb->head, at->mac, network))
		return at->mac;
	if (!device_type)
		return SKB_UNSET;
	if (at->network) {
		if (at->begin < network && skb_is_link(skb->head, at->begin, network) &&
		    (!skb->protocol || skb_read_type(skb->head + network - 2) == skb->protocol))
			return at->begin;
		return SKB_UNSET;
	}
	if (skb->protocol || (at->mac != SKB_UNSET && at->mac != at->begin) ||
	    skb_is_of_ip_socket(skb))
		return SKB_UNSET;
	return at->begin;
}

/* The type of the IP header at `network`, as its first byte says; 0: there is none. */
static __always_inline __u16 skb_guess_protocol(const __u8 *network)
{
	__u8 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), network);
	if (first >> 4 == 4)
		return SKB_NETWORK(SKB_ETH_P_IP);
	return first >> 4 == 6 ? SKB_NETWORK(SKB_ETH_P_IPV6) : 0;
}

/* ::ffff:10.0.0.1: what an IPv6 socket sends to such an address is IPv4. */
static __always_inline int skb_is_mapped(const struct skb_ip6 *address)
{
	return !address->words[0] && !address->words[1] &&
	       address->words[2] == SKB_NETWORK_LONG(0xffff);
}

static __always_inline __u16 skb_protocol_of_socket(struct sock *sock)
{
	struct skb_ip6 address = {};

	if (BPF_CORE_READ(sock, __sk_common.skc_family) == SKB_FAMILY_INET)
		return SKB_NETWORK(SKB_ETH_P_IP);
	if (bpf_core_field_exists(sock->__sk_common.skc_v6_daddr))
		address = BPF_CORE_READ(sock, __sk_common.skc_v6_daddr);
	return SKB_NETWORK(skb_is_mapped(&address) ? SKB_ETH_P_IP : SKB_ETH_P_IPV6);
}

/*
 * Without an Ethernet header the frame begins with the network header, and its first byte says what
 * it is where the packet does not say so yet. What a socket has dropped on its way to IP may have
 * no such header: that is made, then, in front of the transport header, which TCP sets first. UDP
 * leaves room for it, with whatever is there.
 */
static __always_inline __u32 skb_find_network(struct sk_buff *skb, const struct skb_offsets *at,
					      struct skb_frame *frame)
{
	__u32 network = at->network ? at->network : at->begin;
	__u16 protocol = skb->protocol, guess = skb_guess_protocol(skb->head + network);
	__u32 is_known = protocol && protocol != SKB_NETWORK(SKB_ETH_P_ALL);

	frame->protocol = is_known ? protocol : guess;
	if (protocol == SKB_NETWORK(SKB_ETH_P_IP) || protocol == SKB_NETWORK(SKB_ETH_P_IPV6))
		frame->protocol = guess ? guess : protocol;
	if (at->transport == SKB_UNSET || at->transport < network || at->transport > at->end ||
	    (at->network ? is_known || guess : at->transport != at->begin) ||
	    !skb_is_of_ip_socket(skb))
		return network;
	frame->sock = BPF_CORE_READ(skb, sk);
	frame->protocol = skb_protocol_of_socket(frame->sock);
	frame->ip = frame->protocol == SKB_NETWORK(SKB_ETH_P_IP) ? SKB_IP : SKB_IPV6;
	return at->transport;
}

/* Where the frame begins, and what it lacks. */
static __always_inline void skb_find_frame(struct sk_buff *skb, __u32 device_type,
					   struct skb_frame *frame)
{
	struct skb_offsets at = skb_find_offsets(skb);
	__u32 offset = skb_find_link(skb, device_type, &at);

	frame->ip = 0;
	frame->sock = (void *)0;
	frame->device = (void *)0;
	frame->protocol = skb->protocol;
	frame->is_link_made = offset == SKB_UNSET;
	if (frame->is_link_made)
		offset = skb_find_network(skb, &at, frame);
	frame->from = skb->head + offset;
	frame->linear = at.end - offset;
	/* What lies in front of the frame has been put there for later, or nothing is as we think.
	 */
	if ((__s32)frame->linear < 0)
		frame->linear = 0;
	frame->fragments = skb->data_len;
	frame->tag_type = 0;
	frame->tag = 0;
	if (skb_has_tag(skb)) {
		frame->tag_type = skb->vlan_proto;
		frame->tag = SKB_NETWORK(skb->vlan_tci);
	}
	frame->front = (frame->is_link_made ? SKB_ETHERNET : 0) + frame->ip +
		       (frame->tag_type ? SKB_TAG : 0);
}

/* The number of the protocol in the IP header; of what is less than a socket it is TCP's. */
static __always_inline __u8 skb_transport_of(struct sock *sock)
{
	__u8 state = BPF_CORE_READ(sock, __sk_common.skc_state);

	if (state == SKB_STATE_WAIT || state == SKB_STATE_REQUEST)
		return SKB_PROTOCOL_TCP;
	return BPF_CORE_READ(sock, sk_protocol);
}

/* What nobody knows yet is 0, as are lengths that do not fit. */
static __always_inline void skb_write_ip(const struct skb_frame *frame, __u8 *to)
{
	struct sock *sock = frame->sock;
	__u32 length = SKB_IP + frame->linear + frame->fragments;

	__builtin_memset(to, 0, SKB_IP);
	to[0] = 0x45;
	*(__u16 *)(to + 2) = length <= 0xffff ? SKB_NETWORK(length) : 0;
	to[9] = skb_transport_of(sock);
	*(__u32 *)(to + 12) = BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr);
	*(__u32 *)(to + 16) = BPF_CORE_READ(sock, __sk_common.skc_daddr);
}

static __always_inline void skb_write_ip6(const struct skb_frame *frame, __u8 *to)
{
	struct sock *sock = frame->sock;
	__u32 length = frame->linear + frame->fragments;

	__builtin_memset(to, 0, SKB_IPV6);
	to[0] = 0x60;
	*(__u16 *)(to + 4) = length <= 0xffff ? SKB_NETWORK(length) : 0;
	to[6] = skb_transport_of(sock);
	if (!bpf_core_field_exists(sock->__sk_common.skc_v6_daddr))
		return;
	bpf_probe_read_kernel(to + 8, sizeof(struct skb_ip6), &sock->__sk_common.skc_v6_rcv_saddr);
	bpf_probe_read_kernel(to + 24, sizeof(struct skb_ip6), &sock->__sk_common.skc_v6_daddr);
}

/* The header behind which `type` stands, if it has no tag. */
static __always_inline void skb_write_link(const struct skb_frame *frame, __u8 *end)
{
	struct net_device *device = frame->device;

	*(__u16 *)(end - 2) = frame->protocol;
	if (frame->tag_type) {
		*(__u16 *)(end - 4) = frame->tag;
		*(__u16 *)(end - 6) = frame->tag_type;
		end -= SKB_TAG;
	}
	end -= SKB_ETHERNET;
	__builtin_memset(end, 0, SKB_ADDRESSES);
	if (device)
		bpf_probe_read_kernel(end + SKB_ADDRESS, SKB_ADDRESS,
				      BPF_CORE_READ(device, dev_addr));
}

/* Writes what stands before the bytes of the linear part, which are at room + SKB_FRONT: the frame
 * begins `front` bytes before them. A tag goes between addresses and protocol of the header that is
 * there. */
static __always_inline void skb_write_front(const struct skb_frame *frame, __u8 *room)
{
	__u8 *bytes = room + SKB_FRONT;

	if (!frame->front)
		return;
	if (!frame->is_link_made) {
		__builtin_memmove(bytes - SKB_TAG, bytes, SKB_ADDRESSES);
		*(__u16 *)(bytes + 8) = frame->tag_type;
		*(__u16 *)(bytes + 10) = frame->tag;
	} else if (frame->ip == SKB_IP) {
		skb_write_ip(frame, bytes - SKB_IP);
		skb_write_link(frame, bytes - SKB_IP);
	} else if (frame->ip == SKB_IPV6) {
		skb_write_ip6(frame, bytes - SKB_IPV6);
		skb_write_link(frame, bytes - SKB_IPV6);
	} else {
		skb_write_link(frame, bytes);
	}
}

#endif /* XDPSHARK_SKB_FRAME_BPF_H */
