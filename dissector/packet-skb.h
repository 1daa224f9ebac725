/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Post-dissector: shows where in the kernel a packet was, and why it was dropped there. */
#ifndef XDPSHARK_PACKET_SKB_H
#define XDPSHARK_PACKET_SKB_H

/* To be called when the plugin is registered. */
void packet_skb_register(void);

#endif
