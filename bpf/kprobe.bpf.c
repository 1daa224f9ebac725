// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs that many functions of the kernel (kprobe.multi, kprobes) or tracepoints (raw ones)
 * share: they get registers or numbers, and so only the address of a struct sk_buff.
 */
#include <linux/ptrace.h>

#define SKB_BY_ADDRESS
#include "skb_capture.bpf.h"

#include <bpf/bpf_tracing.h>

/* What a function is, by its address: for kernels without cookies. The loader makes it as large as
 * is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} xdpshark_targets SEC(".maps");

/* As bytes that a kprobe puts in the place of the function's first instruction: it is called when
 * they have been passed. */
#if defined(__TARGET_ARCH_x86)
#define BREAKPOINT 1
#else
#define BREAKPOINT 0
#endif

static __always_inline __u32 target_of(struct pt_regs *ctx)
{
	__u64 address;
	__u32 *target;

	if (kernel_config.has_cookies)
		return bpf_get_attach_cookie(ctx);
	address = PT_REGS_IP(ctx) - BREAKPOINT;
	target = bpf_map_lookup_elem(&xdpshark_targets, &address);
	return target ? *target : 0;
}

/* The compiler must not choose one by computing its address: the verifier wants constants. */
#define TAKE_NUMBER(VALUE, WANTED, INDEX, NUMBER)                                                  \
	if ((WANTED) == (INDEX)) {                                                                 \
		VALUE = (NUMBER);                                                                  \
		KEEP(VALUE);                                                                       \
	}

static __always_inline __u64 argument_of(struct pt_regs *ctx, __u32 index)
{
	__u64 value = 0;

	TAKE_NUMBER(value, index, 0, PT_REGS_PARM1(ctx))
	TAKE_NUMBER(value, index, 1, PT_REGS_PARM2(ctx))
	TAKE_NUMBER(value, index, 2, PT_REGS_PARM3(ctx))
	TAKE_NUMBER(value, index, 3, PT_REGS_PARM4(ctx))
	TAKE_NUMBER(value, index, 4, PT_REGS_PARM5(ctx))
	return value;
}

static __always_inline int look_at_address(void *ctx, __u64 skb, __u32 target)
{
	struct sighting sighting = {};

	if (target & XDPSHARK_TARGET_INDIRECT &&
	    bpf_probe_read_kernel(&skb, sizeof(skb), (void *)skb))
		return 0;
	sighting.context = ctx;
	sighting.skb = (void *)skb;
	sighting.point = target;
	/* Without a branch, which the verifier would go through twice. */
	sighting.flags =
		target / (XDPSHARK_TARGET_ARRIVES / XDPSHARK_SKB_ARRIVES) & XDPSHARK_SKB_ARRIVES;
	return look(&sighting);
}

SEC("xdpshark.kprobe")
int xdpshark_function(struct pt_regs *ctx)
{
	__u32 target = target_of(ctx);

	if (!target)
		return 0;
	return look_at_address(ctx, argument_of(ctx, target >> XDPSHARK_TARGET_ARGUMENT & 0xff),
			       target);
}

/* With a cookie always, and for one argument: the kernel wants no program that looks at more of
 * them than a tracepoint has. */
SEC("xdpshark.tracepoint")
int xdpshark_tracepoint(__u64 *ctx)
{
	const __u32 index = own_number();
	__u64 skb = 0;

	TAKE_NUMBER(skb, index, 0, ctx[0])
	TAKE_NUMBER(skb, index, 1, ctx[1])
	TAKE_NUMBER(skb, index, 2, ctx[2])
	TAKE_NUMBER(skb, index, 3, ctx[3])
	TAKE_NUMBER(skb, index, 4, ctx[4])
	return look_at_address(ctx, skb, bpf_get_attach_cookie(ctx));
}

char LICENSE[] SEC("license") = "GPL";
