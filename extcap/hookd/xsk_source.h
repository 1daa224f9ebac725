/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What AF_XDP sockets send through a device: "xsk:eth0".
 */
#ifndef XDPSHARK_XSK_SOURCE_H
#define XDPSHARK_XSK_SOURCE_H

#include "source.h"

extern const Source xsk_source;

#endif /* XDPSHARK_XSK_SOURCE_H */
