/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libxdp does, as small as can be: a program with a place for another one. From 6.12 on the
 * kernel lets only a function that may change packets be replaced by one that does so, which a tail
 * call may.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* A global function, since only such can be replaced; it is not optimised into its caller. */
__attribute__((noinline)) int component(struct xdp_md *ctx)
{
	volatile int action = XDP_PASS;

	if (!ctx || bpf_xdp_adjust_head(ctx, 0))
		return XDP_ABORTED;
	return action;
}

SEC("xdp")
int dispatcher(struct xdp_md *ctx)
{
	return component(ctx);
}

char LICENSE[] SEC("license") = "GPL";
