// SPDX-License-Identifier: GPL-2.0-or-later
/* An XDP program that nobody has prepared for a capture, and that does what such programs do in the
 * field: translates addresses, tags, wraps, cuts, redirects, and calls others. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "rewrite.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STAGES);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} stages SEC(".maps");

/* Values of four bytes: programs with longer ones do not go on a device in generic mode
 * before 5.13. */
#define REDIRECT_MAP(NAME, TYPE)                                                                   \
	struct {                                                                                   \
		__uint(type, TYPE);                                                                \
		__uint(max_entries, 4);                                                            \
		__uint(key_size, sizeof(__u32));                                                   \
		__uint(value_size, sizeof(__u32));                                                 \
	} NAME SEC(".maps")

REDIRECT_MAP(devices, BPF_MAP_TYPE_DEVMAP);
REDIRECT_MAP(cpus, BPF_MAP_TYPE_CPUMAP);
REDIRECT_MAP(sockets, BPF_MAP_TYPE_XSKMAP);

/* Of the device to redirect to. */
__u32 ifindex;

#define AT(CTX, LENGTH)                                                                            \
	({                                                                                         \
		unsigned char *at_ = (void *)(long)(CTX)->data;                                    \
		at_ + (LENGTH) > (unsigned char *)(long)(CTX)->data_end ? (void *)0 : at_;         \
	})

/* 10.9.0.9:53 in the place of the destination. */
static __always_inline int translate(struct xdp_md *ctx)
{
	unsigned char *data = AT(ctx, REWRITE_PAYLOAD);
	__u32 sum;

	if (!data)
		return XDP_ABORTED;
	sum = (data[24] << 8 | data[25]) + (data[32] << 8 | data[33]);
	data[33] = 9;
	sum += 0xffff - (data[32] << 8 | data[33]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	data[24] = sum >> 8;
	data[25] = sum;
	data[36] = 0;
	data[37] = 53;
	return XDP_TX;
}

static __always_inline int push(struct xdp_md *ctx)
{
	unsigned char addresses[12], *data = AT(ctx, 14);

	if (!data)
		return XDP_ABORTED;
	__builtin_memcpy(addresses, data, 12);
	if (bpf_xdp_adjust_head(ctx, -REWRITE_TAG))
		return XDP_ABORTED;
	data = AT(ctx, 16);
	if (!data)
		return XDP_ABORTED;
	__builtin_memcpy(data, addresses, 12);
	data[12] = 0x81;
	data[13] = 0;
	data[14] = 0;
	data[15] = 42;
	return XDP_TX;
}

static __always_inline int pop(struct xdp_md *ctx)
{
	unsigned char addresses[12], *data = AT(ctx, 18);

	if (!data)
		return XDP_ABORTED;
	__builtin_memcpy(addresses, data, 12);
	__builtin_memcpy(data + REWRITE_TAG, addresses, 12);
	return bpf_xdp_adjust_head(ctx, REWRITE_TAG) ? XDP_ABORTED : XDP_TX;
}

static __always_inline int wrap(struct xdp_md *ctx)
{
	unsigned char ethernet[14], *data = AT(ctx, 14);

	if (!data)
		return XDP_ABORTED;
	__builtin_memcpy(ethernet, data, 14);
	if (bpf_xdp_adjust_head(ctx, -REWRITE_OUTER))
		return XDP_ABORTED;
	data = AT(ctx, 14 + REWRITE_OUTER);
	if (!data)
		return XDP_ABORTED;
	__builtin_memcpy(data, ethernet, 14);
	__builtin_memset(data + 14, 0x45, REWRITE_OUTER);
	return XDP_TX;
}

static __always_inline int leave_note(struct xdp_md *ctx, int stage)
{
	unsigned char *data = AT(ctx, REWRITE_PAYLOAD + 4);

	if (!data)
		return XDP_ABORTED;
	data[REWRITE_PAYLOAD + stage] = 0xe0 + stage;
	return XDP_TX;
}

SEC("xdp")
int stage_two(struct xdp_md *ctx)
{
	leave_note(ctx, 1);
	bpf_tail_call(ctx, &stages, STAGE_THREE);
	return XDP_ABORTED;
}

SEC("xdp")
int stage_three(struct xdp_md *ctx)
{
	leave_note(ctx, 2);
	bpf_tail_call(ctx, &stages, STAGE_LAST);
	return XDP_ABORTED;
}

SEC("xdp")
int stage_last(struct xdp_md *ctx)
{
	return leave_note(ctx, 3);
}

static __always_inline int call_itself(struct xdp_md *ctx)
{
	unsigned char *data = AT(ctx, REWRITE_PAYLOAD + 1);

	if (!data)
		return XDP_ABORTED;
	if (data[REWRITE_PAYLOAD] == 0xe0)
		return XDP_TX;
	data[REWRITE_PAYLOAD] = 0xe0;
	bpf_tail_call(ctx, &stages, STAGE_ROOT);
	return XDP_ABORTED;
}

static __always_inline int call(struct xdp_md *ctx, int kind)
{
	switch (kind) {
	case REWRITE_CHAIN:
		leave_note(ctx, 0);
		bpf_tail_call(ctx, &stages, STAGE_TWO);
		return XDP_ABORTED;
	case REWRITE_SELF:
		return call_itself(ctx);
	}
	bpf_tail_call(ctx, &stages, STAGE_EMPTY);
	return XDP_DROP;
}

static __always_inline int resize(struct xdp_md *ctx, int kind)
{
	int result;

	switch (kind) {
	case REWRITE_UNWRAP:
		result = bpf_xdp_adjust_head(ctx, REWRITE_OUTER);
		break;
	case REWRITE_CUT:
		result = bpf_xdp_adjust_tail(ctx, -REWRITE_CUT_OFF);
		break;
	default:
		result = bpf_xdp_adjust_tail(ctx, REWRITE_GROWN);
	}
	return result ? XDP_ABORTED : XDP_TX;
}

static __always_inline int redirect(int kind)
{
	switch (kind) {
	case REWRITE_DEVMAP:
		return bpf_redirect_map(&devices, 1, 0);
	case REWRITE_CPUMAP:
		return bpf_redirect_map(&cpus, 1, 0);
	case REWRITE_XSKMAP:
		return bpf_redirect_map(&sockets, 0, 0);
	}
	return bpf_redirect(ifindex, 0);
}

SEC("xdp")
int rewrite_as_the_port_says(struct xdp_md *ctx)
{
	unsigned char *data = AT(ctx, REWRITE_PAYLOAD + REWRITE_TAG);
	int kind;

	if (!data)
		return XDP_PASS;
	if (data[12] == 0x81 && data[13] == 0)
		return pop(ctx);
	if (data[12] != 8 || data[13] != 0 || data[23] != 17)
		return XDP_PASS;
	kind = (data[36] << 8 | data[37]) - REWRITE_PORT;
	switch (kind) {
	case REWRITE_DROP:
		return XDP_DROP;
	case REWRITE_ABORT:
		return XDP_ABORTED;
	case REWRITE_NAT:
		return translate(ctx);
	case REWRITE_PUSH:
		return push(ctx);
	case REWRITE_WRAP:
		return wrap(ctx);
	case REWRITE_UNWRAP ... REWRITE_GROW:
		return resize(ctx, kind);
	case REWRITE_CHAIN ... REWRITE_NOWHERE:
		return call(ctx, kind);
	case REWRITE_DEVMAP ... REWRITE_INDEX:
		return redirect(kind);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
