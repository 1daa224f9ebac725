/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the side without privilege needs of the kernel's linux/bpf.h, which a system that only
 * captures from other hosts may lack. The numbers are those of the kernel's interface, and never
 * change.
 */
#ifndef XDPSHARK_KERNEL_BPF_H
#define XDPSHARK_KERNEL_BPF_H

#ifdef XDPSHARK_CLIENT_ONLY
enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };
enum {
	BPF_MAP_TYPE_DEVMAP = 14,
	BPF_MAP_TYPE_CPUMAP = 16,
	BPF_MAP_TYPE_XSKMAP = 17,
	BPF_MAP_TYPE_DEVMAP_HASH = 25,
};
#else
#include <linux/bpf.h>
#endif

#endif /* XDPSHARK_KERNEL_BPF_H */
