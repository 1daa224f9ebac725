/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame that a struct sk_buff holds, wherever in the network stack it is: where it begins, its
 * tag, and a header where there is none. Not for programs that also include skb.bpf.h.
 */
#ifndef XDPSHARK_SKB_FRAME_BPF_H
#define XDPSHARK_SKB_FRAME_BPF_H

#include "kernel.bpf.h"

struct sock_common {
	unsigned short skc_family;
	possible_net_t skc_net;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
} KERNEL_TYPE;

struct sk_buff {
	struct net_device *dev; /* in a union: at times it is something else */
	struct sock *sk;
	unsigned int len;
	unsigned int data_len;
	__u16 queue_mapping;
	__u8 vlan_present : 1; /* until 6.1 */
	__u32 vlan_all;	       /* from 6.2 on */
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

/* Room in front of the bytes of the linear part, for what is put there: an Ethernet header and a
 * tag. */
#define SKB_FRONT 64

#define SKB_MAC_UNSET 0xffff
#define SKB_ETHERNET  14
#define SKB_ADDRESSES 12
#define SKB_TAG	      4
/* Ethernet with what may stand before the network header: tags, MPLS, LLC. */
#define SKB_LINK_MAX  62

/* ARPHRD_... of those whose packets begin with an Ethernet header. */
#define SKB_DEVICE_ETHER    1
#define SKB_DEVICE_LOOPBACK 772

#define SKB_ETH_P_IP   0x0800
#define SKB_ETH_P_IPV6 0x86dd

#define SKB_SWAP(VALUE) ((__u16)__builtin_bswap16(VALUE))
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SKB_NETWORK(VALUE) SKB_SWAP(VALUE)
#else
#define SKB_NETWORK(VALUE) (VALUE)
#endif

struct skb_frame {
	__u8 *from;	 /* the first byte that is read of the linear part */
	__u32 linear;	 /* bytes from there on in it */
	__u32 fragments; /* bytes behind them */
	__u32 front;	 /* bytes that stand before those that are read: 0, 4, 14 or 18 */
	__u16 tag;	 /* to be put in, if tag_type is not 0; both in network byte order */
	__u16 tag_type;
	__u16 protocol; /* for a header that is made, in network byte order */
	__u8 is_link_made;
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

/* Without a protocol, as of packets on their way down from a socket, the first byte says it. */
static __always_inline __u16 skb_guess_protocol(const __u8 *network)
{
	__u8 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), network);
	if (first >> 4 == 4)
		return SKB_NETWORK(SKB_ETH_P_IP);
	return first >> 4 == 6 ? SKB_NETWORK(SKB_ETH_P_IPV6) : 0;
}

/*
 * Where the frame begins. In the order of what is most likely: the MAC header, which is one if the
 * network header follows it closely (on the way out it is that of the way in, or none yet); the
 * network header; where the data begin. Offsets are those from skb->head. The network header's is 0
 * until it is set, since there is always room in front of the data.
 */
static __always_inline void skb_find_frame(struct sk_buff *skb, __u32 device_type,
					   struct skb_frame *frame)
{
	__u8 *head = skb->head, *data = skb->data;
	__u32 mac = skb->mac_header, network = skb->network_header, begin = data - head;
	__u32 linear = skb->len - skb->data_len, offset;

	if (!network || (mac != SKB_MAC_UNSET && network <= mac && begin > mac))
		network = begin;
	if (mac != SKB_MAC_UNSET && network - mac >= SKB_ETHERNET &&
	    network - mac <= SKB_LINK_MAX &&
	    (!device_type || device_type == SKB_DEVICE_ETHER ||
	     device_type == SKB_DEVICE_LOOPBACK)) {
		offset = mac;
		frame->is_link_made = 0;
	} else {
		offset = network;
		frame->is_link_made = 1;
	}
	frame->from = head + offset;
	frame->linear = linear + begin - offset;
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
	frame->protocol = skb->protocol;
	if (frame->is_link_made && !frame->protocol)
		frame->protocol = skb_guess_protocol(frame->from);
	frame->front = (frame->is_link_made ? SKB_ETHERNET : 0) + (frame->tag_type ? SKB_TAG : 0);
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
		return;
	}
	*(__u16 *)(bytes - 2) = frame->protocol;
	if (frame->tag_type) {
		*(__u16 *)(bytes - 4) = frame->tag;
		*(__u16 *)(bytes - 6) = frame->tag_type;
		__builtin_memset(bytes - SKB_ETHERNET - SKB_TAG, 0, SKB_ADDRESSES);
	} else {
		__builtin_memset(bytes - SKB_ETHERNET, 0, SKB_ADDRESSES);
	}
}

#endif /* XDPSHARK_SKB_FRAME_BPF_H */
