/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows what is only known of packets at a tc program's entry or exit. */
#ifndef XDPSHARK_SKB_PASSAGE_H
#define XDPSHARK_SKB_PASSAGE_H

#include "skb_comment.h"

#include <epan/packet.h>

/* To be called once, when protocols are registered. */
void skb_passage_register(int protocol);

/* number: of the packet, the same at both; unknown where the file does not say it. To be called for
 * each packet, also without a tree. whole: the details of the packet. */
void skb_passage_show(const SkbComment *comment, CommentLong number, tvbuff_t *tvb,
		      packet_info *pinfo, proto_tree *whole, proto_tree *tree);

#endif
