/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/*
 * For authors of XDP programs: a hook through which a program leaves, so that xdpshark (or xdpcap)
 *can show the packets and what was done to them.
 *
 *	#include <linux/bpf.h>
 *	#include <bpf/bpf_helpers.h>
 *	#include "xdpshark_hook.h"
 *
 *	XDPSHARK_HOOK(fw_hook);
 *
 *	SEC("xdp")
 *	int fw(struct xdp_md *ctx)
 *	{
 *		...
 *		return xdpshark_exit(ctx, &fw_hook, XDP_DROP);
 *	}
 *
 * While nobody captures, the slots are empty: the tail call fails and the program returns the
 *action itself, which costs a few nanoseconds. While a capture runs, the program in the slot looks
 *at the packet and returns the same action.
 *
 * ABI, the same as xdpcap's: a BPF_MAP_TYPE_PROG_ARRAY with keys and values of 4 bytes; a slot's
 *index is the action (enum xdp_action). Five slots, from XDP_ABORTED to XDP_REDIRECT.
 */
#ifndef XDPSHARK_HOOK_H
#define XDPSHARK_HOOK_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* XDP_ABORTED to XDP_REDIRECT. */
#define XDPSHARK_HOOK_SLOTS 5

/* Declares the hook NAME. The loader (libbpf, bpftool, ip link) pins it at /sys/fs/bpf/NAME or
 * below the folder that the loader was told to use; a hook that is pinned there already is used
 * again, so that a new version of the program stays visible to a running capture. */
#define XDPSHARK_HOOK(NAME)                                                                        \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                             \
		__uint(max_entries, XDPSHARK_HOOK_SLOTS);                                          \
		__uint(key_size, sizeof(__u32));                                                   \
		__uint(value_size, sizeof(__u32));                                                 \
		__uint(pinning, LIBBPF_PIN_BY_NAME);                                               \
	} NAME SEC(".maps")

/* The same for loaders that pin maps themselves. */
#define XDPSHARK_HOOK_UNPINNED(NAME)                                                               \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                             \
		__uint(max_entries, XDPSHARK_HOOK_SLOTS);                                          \
		__uint(key_size, sizeof(__u32));                                                   \
		__uint(value_size, sizeof(__u32));                                                 \
	} NAME SEC(".maps")

/* Leaves the program through HOOK (the map's address) with ACTION: use it in place of `return
 * ACTION`. An ACTION outside of enum xdp_action finds no slot and is returned as it is. */
static __always_inline int xdpshark_exit(struct xdp_md *ctx, void *hook, __u32 action)
{
	bpf_tail_call(ctx, hook, action);
	return action;
}

#endif /* XDPSHARK_HOOK_H */
