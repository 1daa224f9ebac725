/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passes everything. A veth device takes frames that an XDP program sends to it (TX, REDIRECT) only
 * when it has an XDP program itself; of any size, as this one takes fragments. `pass_linear` is for
 * kernels that have none.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#ifdef PASS_LINEAR
SEC("xdp")
#else
SEC("xdp.frags")
#endif
int pass(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
