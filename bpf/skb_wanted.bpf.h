/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets of the kernel are wanted, before the filter is asked.
 */
#ifndef XDPSHARK_SKB_WANTED_BPF_H
#define XDPSHARK_SKB_WANTED_BPF_H

#include "skb_sighting.bpf.h"

#define FAMILY_INET   2
#define FAMILY_INET6  10
#define FAMILY_PACKET 17
#define FAMILY_XDP    44

/* What sockets of other kinds send is freed as packets are: of Unix, netlink, virtual machines. */
static __always_inline int is_packet(const struct sighting *sighting)
{
	struct sk_buff *skb = sighting->skb;
	__u16 family;

	if (skb->protocol)
		return 1;
	/* Drivers try whether they get memory, and give it back. */
	if (!skb->len)
		return 0;
	if (sighting->net_device)
		return 1;
	family = BPF_CORE_READ(skb, sk, __sk_common.skc_family);
	return family == FAMILY_INET || family == FAMILY_INET6 || family == FAMILY_PACKET ||
	       family == FAMILY_XDP;
}

static __always_inline int is_same_text(const char *text, const volatile char *wanted)
{
	const __u64 *a = (const void *)text;
	const volatile __u64 *b = (const volatile void *)wanted;

	return a[0] == b[0] && a[1] == b[1];
}

static __always_inline int is_wanted_process(const struct sighting *sighting)
{
	char command[16] __attribute__((aligned(8))) = {};

	if (kernel_config.process_by == XDPSHARK_PROCESS_ANY)
		return 1;
	if (!(sighting->flags & XDPSHARK_SKB_PROCESS))
		return 0;
	if (kernel_config.process_by == XDPSHARK_PROCESS_BY_ID)
		return bpf_get_current_pid_tgid() >> 32 == kernel_config.process;
	bpf_get_current_comm(command, sizeof(command));
	return is_same_text(command, kernel_config.command);
}

static __always_inline int is_wanted_reason(const struct sighting *sighting)
{
	if (!kernel_config.reason_count)
		return 1;
#pragma unroll
	for (__u32 i = 0; i < XDPSHARK_REASONS_MAX; i++)
		if (i < kernel_config.reason_count && kernel_config.reasons[i] == sighting->reason)
			return 1;
	return 0;
}

static __always_inline int is_wanted(const struct sighting *sighting)
{
	if (!is_wanted_reason(sighting) ||
	    (sighting->skb->mark & kernel_config.mark_mask) != kernel_config.mark ||
	    !is_wanted_process(sighting))
		return 0;
	return !kernel_config.device[0] ||
	       is_same_text(sighting->device.name, kernel_config.device);
}

/* What may not be seen at all, and so is not counted either. */
static __always_inline int is_in_sight(const struct sighting *sighting)
{
	struct net *net = sighting->net;

	if (!kernel_config.namespace)
		return 1;
	return net && BPF_CORE_READ(net, ns.inum) == kernel_config.namespace;
}

#endif /* XDPSHARK_SKB_WANTED_BPF_H */
