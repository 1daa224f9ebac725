// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's points that have names of their own. Of the functions and tracepoints of a set those
 * count that the kernel has. None of them gets a packet that may be free already.
 */
#include "source_type.h"

extern const SourcePlace kernel_places[];

const SourcePlace kernel_places[] = {
	{ "drops", "Packets that the kernel drops", NULL },
	{ "ingress", "Packets on their way into the kernel",
	  "netif_receive_skb,netif_rx,napi_gro_receive_entry,ip_rcv,ip_local_deliver,ip_forward,"
	  "ipv6_rcv,ip6_input,ip6_forward" },
	{ "egress", "Packets on their way out of the kernel",
	  "ip_output,ip6_output,net_dev_queue,net_dev_start_xmit" },
	{ "netfilter", "Packets in netfilter",
	  "nf_hook_slow,nf_conntrack_in,ipt_do_table,ip6t_do_table,nf_nat_packet,nf_queue" },
	{ "sockets", "Packets that come to sockets",
	  "tcp_v4_rcv,tcp_v6_rcv,tcp_v4_do_rcv,tcp_v6_do_rcv,udp_rcv,udpv6_rcv,"
	  "udp_queue_rcv_skb,sk_filter_trim_cap,skb_copy_datagram_iovec" },
	{ 0 },
};
