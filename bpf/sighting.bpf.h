/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet as a program of ours sees it at entry or at exit of the watched one, and how it reads
 * the kernel's structs about it.
 */
#ifndef XDPSHARK_SIGHTING_BPF_H
#define XDPSHARK_SIGHTING_BPF_H

#include "program_record.h"

#define IFF_SLAVE 0x800 /* linux/if.h */

#define SOURCE_EXTRA 48 /* struct xdpshark_program_extra */

#include "kernel.bpf.h"

#include "ring.bpf.h"
#include "run.bpf.h"
#include "skb_frame.bpf.h"

_Static_assert(SOURCE_EXTRA == sizeof(struct xdpshark_program_extra), "all of it");

/* In a section of its own: that of `config` begins with the identity. */
const volatile struct xdpshark_program_config program_config SEC(".rodata.program");

/* Id of the program whose packets count, when attached to the kernel's function. Set by the loader
 * when another one is on the device. */
volatile __u32 watched_program;

struct sighting {
	int through_kernel; /* a constant: attached to the kernel's function */
	int is_skb;	    /* a constant: the program is one of tc, which gets a skb */
	struct xdp_buff *xdp;
	struct sk_buff *skb;
	struct xdp_rxq_info *rxq; /* its member, if that was read */
	void *data;		  /* the packet's beginning */
	struct side *side;
	__u8 *view;   /* the CPU's memory for this program's copies: see find_view() */
	__u8 *bytes;  /* if not NULL, the packet's bytes are here */
	__u32 viewed; /* bytes of the packet that were copied to the view for the filter */
	__u32 queue;  /* that it was received at, once it is known that it is of interest */
	__u64 number;
	__u64 time;   /* 0: now */
	__u8 late;    /* now is when all is done */
	__u32 record; /* that at entry, if it is in the ring: see is_same_segment() */
	__u32 taken;
	__u64 duration;
	__u32 linear;	/* bytes in one piece, from the packet's beginning */
	__u32 readable; /* bytes that source_copy() can reach */
	__u32 wire_length;
	__u32 frame; /* what it is known by */
	__s32 verdict;
	__s32 head;
	__s32 tail;
	__u32 gathered; /* bytes of a skb that are in the view */
	__u32 mark;	/* of a skb, and whether it was another one at entry */
	__u8 mark_changed;
	__u8 direction;
};

/* The member of one of the kernel's structs, for a `sighting`. Its function that calls all programs
 * takes the packet as a pointer to anything, through which the verifier lets nobody read. */
#define MEMBER(OBJECT, NAME)                                                                       \
	({                                                                                         \
		typeof((OBJECT)->NAME) value_;                                                     \
		if (sighting->through_kernel)                                                      \
			bpf_probe_read_kernel(&value_, sizeof(value_), &(OBJECT)->NAME);           \
		else                                                                               \
			value_ = (OBJECT)->NAME;                                                   \
		value_;                                                                            \
	})

static __always_inline struct xdp_rxq_info *rxq_of(const struct sighting *sighting)
{
	return sighting->rxq ? sighting->rxq : MEMBER(sighting->xdp, rxq);
}

/* What the watched program gets, which the run is known by. */
static __always_inline const void *context_of(const struct sighting *sighting)
{
	return sighting->is_skb ? (const void *)sighting->skb : sighting->xdp;
}

static __always_inline struct net_device *device_of(const struct sighting *sighting)
{
	struct xdp_rxq_info *queue;

	if (sighting->is_skb)
		return sighting->skb->dev;
	queue = rxq_of(sighting);
	return MEMBER(queue, dev);
}

static __always_inline __u32 queue_of(const struct sighting *sighting)
{
	struct xdp_rxq_info *queue;

	if (sighting->is_skb)
		return skb_queue(sighting->skb);
	queue = rxq_of(sighting);
	return MEMBER(queue, queue_index);
}

static __always_inline __u64 cookie_of(const struct sighting *sighting, struct net_device *device)
{
	struct net *net = MEMBER(device, nd_net.net);

	if (bpf_core_field_exists(net->net_cookie))
		return MEMBER(net, net_cookie);
	return MEMBER(net, ns.inum);
}

/* Of the device that the packet came in at. */
static __always_inline __u32 ifindex_of(const struct sighting *sighting)
{
	__u32 only = program_config.only;
	struct net_device *device;

	if (only)
		return only;
	device = device_of(sighting);
	return MEMBER(device, ifindex);
}

/* Whether the device is a port of the one that packets are wanted of: a bond gives its program to
 * its ports, which run it. The kernel keeps the device that has others as ports in front of all
 * that are above a port. */
static __always_inline int is_port(const struct sighting *sighting, struct net_device *device)
{
	struct netdev_adjacent *above;
	struct net_device *owner;

	if (!program_config.ports || !(MEMBER(device, flags) & IFF_SLAVE) ||
	    !bpf_core_type_exists(struct netdev_adjacent))
		return 0;
	above = (void *)BPF_CORE_READ(device, adj_list.upper.next) -
		bpf_core_field_offset(struct netdev_adjacent, list);
	owner = BPF_CORE_READ(above, dev);
	return (__u32)BPF_CORE_READ(owner, ifindex) == program_config.ifindex &&
	       namespace_of(owner) == program_config.namespace;
}

/* The program may be there for both. */
static __always_inline int is_watched_way(const struct sighting *sighting)
{
	__u32 ingress;

	if (!sighting->is_skb || !program_config.way ||
	    !bpf_core_field_exists(sighting->skb->tc_at_ingress))
		return 1;
	ingress = BPF_CORE_READ_BITFIELD_PROBED(sighting->skb, tc_at_ingress);
	return ingress == (program_config.way == XDPSHARK_INGRESS);
}

/* Of every packet on its way through the program, which may be on several devices. */
static __always_inline int is_watched_device(const struct sighting *sighting)
{
	struct net_device *device;

	if (!is_watched_way(sighting))
		return 0;
	if (!program_config.ifindex)
		return 1;
	device = device_of(sighting);
	return ((__u32)MEMBER(device, ifindex) == program_config.ifindex &&
		cookie_of(sighting, device) == program_config.namespace) ||
	       is_port(sighting, device);
}

static __always_inline __u32 current_program(const struct sighting *sighting)
{
	return sighting->through_kernel ? watched_program : program_config.program;
}

#endif /* XDPSHARK_SIGHTING_BPF_H */
