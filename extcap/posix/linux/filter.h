/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the client uses of the header of this name, on systems that have none: libpcap has the rest.
 */
#ifndef XDPSHARK_POSIX_FILTER_H
#define XDPSHARK_POSIX_FILTER_H

#include <pcap/bpf.h>
#include <stdint.h>

struct sock_filter {
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

/* Loads from the kernel's extensions begin there. */
#define SKF_AD_OFF     (-0x1000)
#define SKF_AD_IFINDEX 8

#endif /* XDPSHARK_POSIX_FILTER_H */
