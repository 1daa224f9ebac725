/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the bytes of a struct sk_buff, for programs that trace the kernel's functions. Includes no
 * list of further skbs (frag_list): of such a packet only the first skb's bytes are there.
 */
#ifndef XDPSHARK_SKB_BPF_H
#define XDPSHARK_SKB_BPF_H

#include "fragments.bpf.h"

struct sock;

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned int len, data_len;
	__u16 mac_header; /* from head on */
	__u32 end;	  /* from head on: the struct skb_shared_info */
	unsigned char *head, *data;
} KERNEL_TYPE;

/* A packet's bytes, as they were when skb_look() looked. */
struct skb_view {
	struct skb_shared_info *info;
	const __u8 *data; /* the packet's beginning, and */
	__u32 linear;	  /* so many bytes in one piece from there on */
	__u32 length;	  /* of the whole packet */
};

/* As from skb->data on. */
static __always_inline struct skb_view skb_look(struct sk_buff *skb)
{
	struct skb_view view = {
		.data = BPF_CORE_READ(skb, data),
		.length = BPF_CORE_READ(skb, len),
	};

	view.linear = view.length - BPF_CORE_READ(skb, data_len);
	view.info = (void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));
	return view;
}

/* As from its Ethernet header on, which lies in front of skb->data in functions that receive. */
static __always_inline struct skb_view skb_look_from_mac(struct sk_buff *skb)
{
	struct skb_view view = skb_look(skb);
	__u16 mac_header = BPF_CORE_READ(skb, mac_header);
	const __u8 *mac = BPF_CORE_READ(skb, head) + mac_header;
	__u32 before = view.data - mac;

	/* ~0: there is none */
	if (mac_header != (__u16)~0 && mac <= view.data) {
		view.data = mac;
		view.linear += before;
		view.length += before;
	}
	return view;
}

/*
 * Puts the first `length` bytes of the packet at `to`, which has room for GATHERED_MAX + PIECE
 * bytes. Returns how many are there: fewer if they are not to be had, 0 if none can be read.
 * bases.pages may be 0: then it is the bytes in one piece that are there. The gathering must lie in
 * a map.
 */
static __always_inline __u32 skb_gather(const struct skb_view *view, struct page_bases bases,
					volatile struct gathering *gathering, __u8 *to,
					__u32 length)
{
	__u32 linear = view->linear < length ? view->linear : length;

	if (linear < length && bases.pages)
		return gather(view->data, linear, view->info, bases, gathering, to, length);
	if (!linear || bpf_probe_read_kernel(to, bounded_size(linear, GATHERED_MAX), view->data))
		return 0;
	return linear;
}

#endif /* XDPSHARK_SKB_BPF_H */
