// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A traffic control program of another name, which leaves all packets to the next one.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

SEC("classifier")
int other(struct __sk_buff *skb)
{
	return skb->len == 0 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
