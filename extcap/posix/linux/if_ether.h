/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the client uses of the header of this name, on systems that have none.
 */
#ifndef XDPSHARK_POSIX_IF_ETHER_H
#define XDPSHARK_POSIX_IF_ETHER_H

#define ETH_ALEN 6
#define ETH_HLEN 14

#endif /* XDPSHARK_POSIX_IF_ETHER_H */
