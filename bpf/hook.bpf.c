// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The capture programs of hooks: one for each action, put into the slots of a hook while a capture
 * runs. Each runs the filter, copies a matching packet with its metadata into the ring of its CPU
 * and returns the action of its slot. Whatever happens on the way, the action is returned.
 */
#define SOURCE_EXTRA	    8 /* what the frame is known by, and nothing */
#define SOURCE_WRITES_EXTRA config.salt[0]

#include "filter.bpf.h"
#include "frame_id.bpf.h"
#include "ring.bpf.h"

/* The first bytes of a frame that packet pointers do not reach, a copy for the filter. An element
 * for each CPU; the loader makes it as large as the filter's reach. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 8);
} xdpshark_heads SEC(".maps");

/* The program that comes after ours in the slot of each action, mostly another capture's: it gets
 * the packet when ours is done. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XDPSHARK_ACTIONS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} xdpshark_next SEC(".maps");

/* Reads the device that the packet came from; the second one tells whether it is another than the
 * one that was read. The loader puts what fits the running kernel in their place, where the kernel
 * lets it. */
static __attribute__((noinline)) __u32 read_device(struct xdp_md *ctx,
						   struct xdpshark_device *device)
{
	__u32 stub = XDPSHARK_STUB_READ;

	asm volatile("" : "+r"(stub) : "r"(ctx), "r"(device) : "memory");
	return stub;
}

static __attribute__((noinline)) __u32 is_other_device(struct xdp_md *ctx,
						       const struct xdpshark_device *device)
{
	__u32 stub = XDPSHARK_STUB_COMPARE;

	asm volatile("" : "+r"(stub) : "r"(ctx), "r"(device) : "memory");
	return stub;
}

static __always_inline void source_read_device(void *ctx, struct xdpshark_device *device)
{
	read_device(ctx, device);
}

static __always_inline __u32 source_is_other_device(void *ctx, const struct xdpshark_device *device)
{
	return is_other_device(ctx, device);
}

/* The address of a frame; nobody else has this map. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} xdpshark_place SEC(".maps");

/* The verifier takes no address for a number until it has been in memory. */
static __always_inline void source_write_extra(void *context, __u8 *to)
{
	struct xdp_md *ctx = context;
	const __u32 zero = 0;
	volatile __u64 *place = bpf_map_lookup_elem(&xdpshark_place, &zero);

	*(__u64 *)(void *)to = 0;
	if (!place)
		return;
	*place = (__u64)(long)ctx->data;
	*(__u32 *)(void *)to = frame_id(*place);
}

static __always_inline void source_describe(void *context, struct xdpshark_record *record)
{
	struct xdp_md *ctx = context;

	record->ifindex = ctx->ingress_ifindex;
	record->queue = ctx->rx_queue_index;
}

/* One call of bpf_xdp_load_bytes() reaches so far, and takes so much: the kernel's
 * __bpf_xdp_load_bytes(). The largest frames, of 65,535 bytes behind the Ethernet header, are a
 * little longer. */
#define LOAD_MAX 0xffff

static __always_inline long source_copy(void *context, __u8 *to, __u32 length, __u32 room)
{
	struct xdp_md *ctx = context;
	__u64 size = bounded_size(length, room);

	if (!config.load_bytes)
		return bpf_probe_read_kernel(to, size, (void *)(long)ctx->data);
	if (room <= LOAD_MAX || length <= LOAD_MAX)
		return bpf_xdp_load_bytes(ctx, 0, to, size);
	size = bounded_size(length - LOAD_MAX, room - LOAD_MAX);
	return bpf_xdp_load_bytes(ctx, 0, to, LOAD_MAX) ||
	       bpf_xdp_load_bytes(ctx, LOAD_MAX, to + LOAD_MAX, size);
}

/* Runs the filter on a copy of the packet's first bytes, for what packet pointers do not reach. */
static __always_inline __u32 filter_copy(void *ctx, __u32 wire_length, __u32 cpu, __u64 ifindex,
					 __u64 queue)
{
	void *bytes = bpf_map_lookup_elem(&xdpshark_heads, &cpu);
	__u32 length = wire_length < config.reach ? wire_length : config.reach;
	__u64 size = bounded_size(length, config.reach);

	if (!bytes || source_copy(ctx, bytes, length, config.reach))
		return 0;
	return filter_buffer(bytes, size, wire_length, ifindex, queue);
}

/* Packet pointers reach the linear part of a frame only. A filter that looks further gets a copy.
 */
static __always_inline __u32 run_filter(struct xdp_md *ctx, __u32 linear, __u32 wire_length,
					__u32 cpu)
{
	__u64 ifindex = 0, queue = 0;

	if (linear < wire_length && linear < config.reach)
		return filter_copy(ctx, wire_length, cpu, ctx->ingress_ifindex,
				   ctx->rx_queue_index);
	if (config.wants_device) {
		ifindex = ctx->ingress_ifindex;
		queue = ctx->rx_queue_index;
	}
	return filter((void *)(long)ctx->data, (void *)(long)ctx->data_end, wire_length, ifindex,
		      queue);
}

/* What most packets do is to fail the filter: what is not needed for that comes later. */
static __always_inline void capture(struct xdp_md *ctx, const __u32 action)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 linear = ctx->data_end - ctx->data, wire_length = linear, matches;
	__u32 measured = config.wants_length || linear < config.reach;
	struct packet packet = { .slot = action, .verdict = action };
	struct xdpshark_cpu *state;

	if (config.fragments && measured)
		wire_length = bpf_xdp_get_buff_len(ctx);
	matches = run_filter(ctx, linear, wire_length, cpu);
	state = count_filtered(matches, cpu, action);
	if (!state)
		return;
	if (config.fragments && !measured)
		wire_length = bpf_xdp_get_buff_len(ctx);
	packet.wire_length = packet.readable = wire_length;
	capture_matched(ctx, state, cpu, &packet);
}

/* The section makes libbpf call the loader's handler, which puts the filter in. With the slot of
 * xdpshark_next empty the tail call fails. */
#define CAPTURE_PROGRAM(NAME, ACTION)                                                              \
	SEC("xdpshark")                                                                            \
	int NAME(struct xdp_md *ctx)                                                               \
	{                                                                                          \
		capture(ctx, ACTION);                                                              \
		bpf_tail_call(ctx, &xdpshark_next, ACTION);                                        \
		return ACTION;                                                                     \
	}

CAPTURE_PROGRAM(xdpshark_abort, XDP_ABORTED)
CAPTURE_PROGRAM(xdpshark_drop, XDP_DROP)
CAPTURE_PROGRAM(xdpshark_pass, XDP_PASS)
CAPTURE_PROGRAM(xdpshark_tx, XDP_TX)
CAPTURE_PROGRAM(xdpshark_redir, XDP_REDIRECT)

char LICENSE[] SEC("license") = "GPL";
