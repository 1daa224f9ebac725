/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `program` measures against: what the kernel takes to call a tracing program, and what a copy
 * of a packet's first bytes takes.
 */
#include "kernel.bpf.h"

#include <bpf/bpf_tracing.h>

/* Set before load. */
const volatile __u32 copied = 64;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[256]);
} copy SEC(".maps");

SEC("fentry")
int call_entry(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fexit")
int call_exit(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fentry")
int copy_entry(__u64 *ctx)
{
	struct xdp_buff *xdp = (void *)ctx[0];
	const __u32 zero = 0;
	void *to = bpf_map_lookup_elem(&copy, &zero);

	if (to)
		bpf_probe_read_kernel(to, copied & 255, xdp->data);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
