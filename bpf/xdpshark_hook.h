/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
/*
 * For authors of XDP programs: a hook through which a program leaves, so that xdpshark (or xdpcap)
 * can show packets and what was done to them.
 *
 *	#include <linux/bpf.h>          // or "vmlinux.h"
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
 * action itself, which costs a few nanoseconds. While a capture runs, the program in the slot looks
 * at the packet and returns the same action.
 *
 * ABI, the same as xdpcap's: a BPF_MAP_TYPE_PROG_ARRAY with keys and values of 4 bytes; a slot's
 * index is the action (enum xdp_action). Five slots, from XDP_ABORTED to XDP_REDIRECT.
 */
#ifndef XDPSHARK_HOOK_H
#define XDPSHARK_HOOK_H

/* If bpf_helpers.h (of libbpf or another loader) was included, the kernel's types are already
 * there. So they are with vmlinux.h, which conflicts with <linux/bpf.h>. */
#ifndef __BPF_HELPERS__
#ifndef __VMLINUX_H__
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>
#endif

/* XDP_ABORTED to XDP_REDIRECT. */
#define XDPSHARK_HOOK_SLOTS 5

/* clang-format off */
#define XDPSHARK_HOOK_MAP_                             \
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);         \
	__uint(max_entries, XDPSHARK_HOOK_SLOTS);      \
	__uint(key_size, sizeof(__u32));               \
	__uint(value_size, sizeof(__u32))

/*
 * Declares the hook NAME, to be pinned by the loader: by libbpf and `bpftool prog load` at
 * /sys/fs/bpf/NAME, by `ip link` at /sys/fs/bpf/tc/globals/NAME (legacy) or as libbpf does, by xdp-loader
 * below the folder that its option -p names (without -p it is not pinned). A hook that is pinned there
 * already is used again, so that a new version of the program stays visible to a running capture.
 */
#define XDPSHARK_HOOK(NAME)                            \
	struct {                                       \
		XDPSHARK_HOOK_MAP_;                    \
		__uint(pinning, LIBBPF_PIN_BY_NAME);   \
	} NAME SEC(".maps")

/* The same for loaders that pin maps themselves, such as `bpftool prog loadall ... pinmaps FOLDER`
 * and those in Go and Rust: bpftool refuses pinmaps for a map that declares how it is pinned. */
#define XDPSHARK_HOOK_UNPINNED(NAME)                   \
	struct {                                       \
		XDPSHARK_HOOK_MAP_;                    \
	} NAME SEC(".maps")
/* clang-format on */

struct xdp_md;

/* Leaves the program through HOOK (the map's address) with ACTION: use it in place of `return
 * ACTION`. An ACTION outside enum xdp_action has no slot and is returned unchanged. */
static __always_inline int xdpshark_exit(struct xdp_md *ctx, void *hook, __u32 action)
{
	bpf_tail_call(ctx, hook, action);
	return action;
}

#endif /* XDPSHARK_HOOK_H */
