/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/* Linux's extensions to classic BPF: loads at negative offsets, and what they mean at XDP. */
#include "extension.h"

#include <linux/filter.h>
#include <stddef.h>

#include "graph.h"

#define ETHERNET_HEADER 14u
#define ETHERNET_TYPE	12u

#define ANCILLARY(offset) ((uint32_t)(SKF_AD_OFF + (offset)))

/* The rows of docs/extensions.md. PACKET_HOST (<linux/if_packet.h>) is 0, ARPHRD_ETHER
 * (<linux/if_arp.h>) is 1. */
static const struct extension extensions[] = {
	{ ANCILLARY(SKF_AD_PROTOCOL), EXTENSION_BYTES, ETHERNET_TYPE, NULL },
	{ ANCILLARY(SKF_AD_PKTTYPE), EXTENSION_IMM, 0, NULL },
	{ ANCILLARY(SKF_AD_IFINDEX), EXTENSION_META, META_IFINDEX, NULL },
	{ ANCILLARY(SKF_AD_NLATTR), EXTENSION_REFUSED, 0,
	  "a packet at XDP has no netlink attributes to search" },
	{ ANCILLARY(SKF_AD_NLATTR_NEST), EXTENSION_REFUSED, 0,
	  "a packet at XDP has no netlink attributes to search" },
	{ ANCILLARY(SKF_AD_MARK), EXTENSION_IMM, 0, NULL },
	{ ANCILLARY(SKF_AD_QUEUE), EXTENSION_META, META_QUEUE, NULL },
	{ ANCILLARY(SKF_AD_HATYPE), EXTENSION_IMM, 1, NULL },
	{ ANCILLARY(SKF_AD_RXHASH), EXTENSION_REFUSED, 0,
	  "the receive hash of a packet is not known at XDP" },
	{ ANCILLARY(SKF_AD_CPU), EXTENSION_META, META_CPU, NULL },
	{ ANCILLARY(SKF_AD_ALU_XOR_X), EXTENSION_XOR_X, 0, NULL },
	{ ANCILLARY(SKF_AD_VLAN_TAG), EXTENSION_IMM, 0, NULL },
	{ ANCILLARY(SKF_AD_VLAN_TAG_PRESENT), EXTENSION_IMM, 0, NULL },
	{ ANCILLARY(SKF_AD_PAY_OFFSET), EXTENSION_REFUSED, 0,
	  "the flow dissector has not seen a packet at XDP, so its payload offset is not known" },
	{ ANCILLARY(SKF_AD_RANDOM), EXTENSION_META, META_RANDOM, NULL },
	{ ANCILLARY(SKF_AD_VLAN_TPID), EXTENSION_IMM, 0, NULL },
};

const struct extension *extension_find(uint32_t k)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		if (extensions[i].k == k)
			return &extensions[i];
	}
	return NULL;
}

uint32_t extension_offset(uint32_t k)
{
	/* Same as the kernel's bpf_internal_load_pointer_neg_helper(): relative to the network
	 * header from SKF_NET_OFF on, to the link layer header from SKF_LL_OFF on. From SKF_AD_OFF
	 * on, offsets that are no extension are beyond the end of any packet. */
	if (k >= ANCILLARY(0))
		return k;
	if (k >= (uint32_t)SKF_NET_OFF)
		return k - (uint32_t)SKF_NET_OFF + ETHERNET_HEADER;
	if (k >= (uint32_t)SKF_LL_OFF)
		return k - (uint32_t)SKF_LL_OFF;
	return k;
}
