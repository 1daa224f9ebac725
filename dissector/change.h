/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows what a program changed in a packet, by the names of the fields that Wireshark found there.
 */
#ifndef XDPSHARK_CHANGE_H
#define XDPSHARK_CHANGE_H

#include "difference.h"

#include <epan/packet.h>

/* To be called once, when protocols are registered. */
void change_register(int protocol);

/* Adds a subtree to tree. whole: the details of the packet, in which the fields are searched; where
 * Wireshark does not show them it has none, and only the octets are told. */
void change_show(const Difference *difference, tvbuff_t *tvb, packet_info *pinfo, proto_tree *whole,
		 proto_tree *tree);

#endif
