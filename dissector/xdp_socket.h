/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields about the AF_XDP socket that a packet went to, or came from. */
#ifndef XDPSHARK_DISSECTOR_XDP_SOCKET_H
#define XDPSHARK_DISSECTOR_XDP_SOCKET_H

#include "verdict.h"

void xdp_socket_show(const Verdict *verdict, tvbuff_t *tvb, proto_tree *tree);
void xdp_socket_register(int protocol);

#endif
