/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows what is only known of packets at a program's entry or exit. */
#ifndef XDPSHARK_PASSAGE_H
#define XDPSHARK_PASSAGE_H

#include "pair.h"
#include "verdict.h"

#include <epan/expert.h>
#include <epan/packet.h>

/* To be called once, when protocols are registered; module is the protocol's. */
void passage_register(int protocol, expert_module_t *module);

/* Adds to tree, which may be NULL. whole: the details of the packet. */
void passage_show(const Verdict *verdict, const Pair *pair, tvbuff_t *tvb, packet_info *pinfo,
		  proto_tree *whole, proto_tree *tree);

#endif
