/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics → Packet drops, and -z skb,tree in tshark. */
#ifndef XDPSHARK_SKB_STATISTICS_H
#define XDPSHARK_SKB_STATISTICS_H

#include "skb_comment.h"

#include <epan/packet.h>

void skb_statistics_register(void);

/* function: of the comment's location, or NULL. Lives as long as pinfo->pool. */
void skb_statistics_add(packet_info *pinfo, const SkbComment *comment, const char *function);

#endif
