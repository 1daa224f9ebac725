/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the client uses of the header of this name, on systems that have none: kinds of devices of
 * other hosts.
 */
#ifndef XDPSHARK_POSIX_IF_ARP_H
#define XDPSHARK_POSIX_IF_ARP_H

#ifndef ARPHRD_ETHER
#define ARPHRD_ETHER 1
#endif
#ifndef ARPHRD_IP6GRE
#define ARPHRD_IP6GRE 823
#endif
#ifndef ARPHRD_IPGRE
#define ARPHRD_IPGRE 778
#endif
#ifndef ARPHRD_LOOPBACK
#define ARPHRD_LOOPBACK 772
#endif
#ifndef ARPHRD_NONE
#define ARPHRD_NONE 0xFFFE
#endif
#ifndef ARPHRD_PPP
#define ARPHRD_PPP 512
#endif
#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif
#ifndef ARPHRD_SIT
#define ARPHRD_SIT 776
#endif
#ifndef ARPHRD_TUNNEL
#define ARPHRD_TUNNEL 768
#endif
#ifndef ARPHRD_TUNNEL6
#define ARPHRD_TUNNEL6 769
#endif

#endif /* XDPSHARK_POSIX_IF_ARP_H */
