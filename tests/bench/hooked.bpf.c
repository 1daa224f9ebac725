/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benches measure against: an empty XDP program, an instrumented one, and capture programs
 * that emit as xdpcap's do, with bpf_perf_event_output().
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "record.h"
#include "xdpshark_hook.h"

XDPSHARK_HOOK_UNPINNED(bench_hook);

/* Perf's own sizes are 16 bits: a longer record corrupts its buffer. */
#define PERF_LENGTH_MAX 65000

#define PERF_EVENTS(NAME)                                                                          \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);                                       \
		__uint(key_size, sizeof(__u32));                                                   \
		__uint(value_size, sizeof(__u32));                                                 \
	} NAME SEC(".maps")

PERF_EVENTS(events_batched);
PERF_EVENTS(events_each);

SEC("xdp.frags")
int empty(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_DROP;
}

SEC("xdp.frags")
int hooked(struct xdp_md *ctx)
{
	return xdpshark_exit(ctx, &bench_hook, XDP_DROP);
}

/* With the same time and header as in the product's records, but without a filter: what that would
 * cost is not counted against it. */
static __always_inline int output(struct xdp_md *ctx, void *events)
{
	__u64 length = bpf_xdp_get_buff_len(ctx);
	struct xdpshark_record head = {
		.time = bpf_ktime_get_ns(),
		.wire_length = length,
		.ifindex = ctx->ingress_ifindex,
		.queue = ctx->rx_queue_index,
		.packet = (__u64)bpf_get_smp_processor_id() << XDPSHARK_CPU_SHIFT,
		.verdict = XDP_DROP,
	};

	if (length > PERF_LENGTH_MAX)
		length = PERF_LENGTH_MAX;
	head.captured_length = length;
	bpf_perf_event_output(ctx, events, BPF_F_CURRENT_CPU | length << 32, &head, sizeof(head));
	return XDP_DROP;
}

SEC("xdp.frags")
int perf_batched(struct xdp_md *ctx)
{
	return output(ctx, &events_batched);
}

SEC("xdp.frags")
int perf_each(struct xdp_md *ctx)
{
	return output(ctx, &events_each);
}

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} ring SEC(".maps");

/* A ring with the kernel's default rule: wake the reader if it has read all that there was. */
SEC("xdp.frags")
int ring_default(struct xdp_md *ctx)
{
	struct xdpshark_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record) + 64, 0);

	if (!record)
		return XDP_DROP;
	record->time = bpf_ktime_get_ns();
	record->wire_length = bpf_xdp_get_buff_len(ctx);
	if (bpf_xdp_load_bytes(ctx, 0, record->data, 60) < 0)
		bpf_ringbuf_discard(record, 0);
	else
		bpf_ringbuf_submit(record, 0);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
