// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The capture programs: one for each action, put into the slots of a hook while a capture runs.
 * Each runs the filter, copies a matching packet with its metadata into the ring of its CPU and
 * returns the action of its slot. Whatever happens on the way, the action is returned.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "config.h"
#include "record.h"

/* Set before load; see config.h. Constant for the verifier, which drops the branches not taken. */
const volatile struct xdpshark_config config;

/* The ring of each CPU. The inner maps are made by the loader: their size depends on the machine.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 4096);
		});
} xdpshark_rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpshark_cpu);
} xdpshark_cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpshark_control);
} xdpshark_ctl SEC(".maps");

/* The program that comes after ours in the slot of each action, mostly another capture's: it gets
 * the packet when ours is done. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XDPSHARK_ACTIONS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} xdpshark_next SEC(".maps");

/* The first bytes of a fragmented frame, a copy for the filter. An element for each CPU; the loader
 * makes it as large as the filter's reach. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 8);
} xdpshark_heads SEC(".maps");

/*
 * Stand for the compiled filter, in its form for packet pointers and in that for a buffer: the
 * loader puts the compiled instructions in their place (see extcap/program.c), which have these
 * signatures. They must stay functions of their own that the compiler cannot see through, and be no
 * longer than the shortest compiled filter, two instructions. The loader knows them by the value
 * that they return.
 */
static __attribute__((noinline)) __u32 filter(const void *data, const void *data_end,
					      __u64 wire_length, __u64 ifindex, __u64 queue)
{
	__u32 verdict = XDPSHARK_STUB_PACKET;

	asm volatile(""
		     : "+r"(verdict)
		     : "r"(data), "r"(data_end), "r"(wire_length), "r"(ifindex), "r"(queue));
	return verdict;
}

static __attribute__((noinline)) __u32 filter_buffer(const void *buffer, __u64 size,
						     __u64 wire_length, __u64 ifindex, __u64 queue)
{
	__u32 verdict = XDPSHARK_STUB_BUFFER;

	asm volatile(""
		     : "+r"(verdict)
		     : "r"(buffer), "r"(size), "r"(wire_length), "r"(ifindex), "r"(queue));
	return verdict;
}

/* Keeps the compiler from moving a bound away from the register that the verifier looks at. */
#define KEEP(VALUE) asm volatile("" : "+r"(VALUE))

/*
 * length, which is 1 to room, in the form in which the verifiers from 5.10 on see that it is: they
 * don't conclude a lower bound from a comparison with 0, but from an addition.
 */
static __always_inline __u64 bounded_size(__u32 length, __u32 room)
{
	__u64 size = (__u64)length - 1;

	KEEP(size);
	if (size >= room)
		size = 0;
	KEEP(size);
	size += 1;
	KEEP(size);
	return size;
}

/* What is known of a packet before it is copied: in registers, not in memory. */
struct packet {
	__u64 time; /* this and number as in struct xdpshark_record */
	__u64 number;
	__u32 wire_length;
	__u32 captured_length;
	__u32 lost;
	__u32 cpu;
	__u32 action;
};

/* One call of bpf_xdp_load_bytes() reaches so far, and takes so much: the kernel's
 * __bpf_xdp_load_bytes(). The largest frames, of 65,535 bytes behind the Ethernet header, are a
 * little longer. */
#define LOAD_MAX 0xffff

static __always_inline long copy_packet(struct xdp_md *ctx, __u8 *to, __u32 length, __u32 room)
{
	__u64 size = bounded_size(length, room);

	if (!config.load_bytes)
		return bpf_probe_read_kernel(to, size, (void *)(long)ctx->data);
	if (room <= LOAD_MAX || length <= LOAD_MAX)
		return bpf_xdp_load_bytes(ctx, 0, to, size);
	size = bounded_size(length - LOAD_MAX, room - LOAD_MAX);
	return bpf_xdp_load_bytes(ctx, 0, to, LOAD_MAX) ||
	       bpf_xdp_load_bytes(ctx, LOAD_MAX, to + LOAD_MAX, size);
}

/*
 * Copies the packet into a record with room for `room` bytes and submits it. The sizes of records
 * are constants, as the verifier asks of bpf_ringbuf_reserve(); the captured length is at most
 * room.
 */
static __always_inline int emit(struct xdp_md *ctx, void *ring, struct xdpshark_control *control,
				const struct packet *packet, const __u32 room)
{
	struct xdpshark_record *record = bpf_ringbuf_reserve(ring, sizeof(*record) + room, 0);
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (!record)
		return XDPSHARK_LOST_FULL;
	record->time = packet->time;
	record->packet = packet->number;
	record->wire_length = packet->wire_length;
	record->captured_length = packet->captured_length;
	record->ifindex = ctx->ingress_ifindex;
	record->queue = ctx->rx_queue_index;
	record->lost = packet->lost;
	record->cpu = packet->cpu;
	record->action = packet->action;
	record->reserved = 0;
	if (copy_packet(ctx, record->data, packet->captured_length, room)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return XDPSHARK_LOST_UNREADABLE;
	}
	/* The reader looks at the rings by itself while packets come. Only when it is about to
	 * sleep does it ask to be woken: an interrupt for each packet would cost more than all the
	 * rest. */
	if (control->armed) {
		control->armed = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	bpf_ringbuf_submit(record, flags);
	return XDPSHARK_CAPTURED;
}

/* Emits with the smallest record that the packet fits in. */
static __always_inline int emit_fitting(struct xdp_md *ctx, void *ring,
					struct xdpshark_control *control,
					const struct packet *packet)
{
	__u32 length = packet->captured_length;

#define EMIT_WITHIN(ROOM)                                                                          \
	if (length <= (ROOM))                                                                      \
	return emit(ctx, ring, control, packet, (ROOM))
	EMIT_WITHIN(64);
	EMIT_WITHIN(96);
	EMIT_WITHIN(128);
	EMIT_WITHIN(256);
	EMIT_WITHIN(512);
	EMIT_WITHIN(1024);
	EMIT_WITHIN(1536);
	EMIT_WITHIN(2048);
	EMIT_WITHIN(3584);
	EMIT_WITHIN(9216);
	EMIT_WITHIN(16384);
	EMIT_WITHIN(32768);
	EMIT_WITHIN(XDPSHARK_SNAPLEN_MAX);
#undef EMIT_WITHIN
	return XDPSHARK_LOST_UNREADABLE;
}

/* Packet pointers reach the linear part of a frame only. A filter that looks further gets a copy.
 */
static __always_inline __u32 filter_fragments(struct xdp_md *ctx, __u32 wire_length, __u32 cpu)
{
	void *bytes = bpf_map_lookup_elem(&xdpshark_heads, &cpu);
	__u32 length = wire_length < config.reach ? wire_length : config.reach;
	__u64 size = bounded_size(length, config.reach);

	if (!bytes || copy_packet(ctx, bytes, length, config.reach))
		return 0;
	return filter_buffer(bytes, size, wire_length, ctx->ingress_ifindex, ctx->rx_queue_index);
}

static __always_inline __u32 run_filter(struct xdp_md *ctx, __u32 wire_length, __u32 cpu)
{
	__u32 linear = ctx->data_end - ctx->data;

	if (config.fragments && linear < wire_length && linear < config.reach)
		return filter_fragments(ctx, wire_length, cpu);
	return filter((void *)(long)ctx->data, (void *)(long)ctx->data_end, wire_length,
		      ctx->ingress_ifindex, ctx->rx_queue_index);
}

/* What keeps a matching packet from being copied, before it costs anything; XDPSHARK_CAPTURED if
 * nothing does. */
static __always_inline int brake(struct xdpshark_cpu *state, const struct xdpshark_control *control,
				 __u64 now)
{
	/* Signed: the heart may have beaten since now was taken. */
	if ((__s64)(now - control->heartbeat) > (__s64)XDPSHARK_HEARTBEAT_LIMIT_NS)
		return XDPSHARK_LOST_READER;
	if (config.sample && bpf_get_prandom_u32() >= config.sample)
		return XDPSHARK_SAMPLED;
	if (config.interval) {
		/* A token bucket, kept as the time at which it is empty (GCRA, ITU-T I.371). */
		__u64 earliest = now - config.burst;
		__u64 due = state->due < earliest ? earliest : state->due;

		if (due > now)
			return XDPSHARK_LIMITED;
		state->due = due + config.interval;
	}
	return XDPSHARK_CAPTURED;
}

static __always_inline void capture(struct xdp_md *ctx, const __u32 action)
{
	const __u32 zero = 0;
	struct packet packet = { .action = action };
	struct xdpshark_control *control;
	struct xdpshark_cpu *state;
	int outcome;
	void *ring;

	packet.cpu = bpf_get_smp_processor_id();
	packet.wire_length = ctx->data_end - ctx->data;
	if (config.fragments)
		packet.wire_length = bpf_xdp_get_buff_len(ctx);
	state = bpf_map_lookup_elem(&xdpshark_cpus, &packet.cpu);
	if (!state) /* there is an element for every possible CPU */
		return;
	if (!run_filter(ctx, packet.wire_length, packet.cpu)) {
		state->outcomes[action][XDPSHARK_REJECTED]++;
		return;
	}

	packet.time = bpf_ktime_get_ns();
	packet.number = (__u64)packet.cpu << 48 | ++state->matched;
	packet.lost = state->lost;
	packet.captured_length =
		packet.wire_length < config.snaplen ? packet.wire_length : config.snaplen;
	control = bpf_map_lookup_elem(&xdpshark_ctl, &zero);
	outcome = control ? brake(state, control, packet.time) : XDPSHARK_LOST_READER;
	if (outcome == XDPSHARK_CAPTURED) {
		ring = bpf_map_lookup_elem(&xdpshark_rings, &packet.cpu);
		outcome = ring ? emit_fitting(ctx, ring, control, &packet) : XDPSHARK_LOST_FULL;
	}
	if (outcome == XDPSHARK_CAPTURED)
		state->lost = 0;
	else if (outcome > XDPSHARK_CAPTURED)
		state->lost++;
	state->outcomes[action][outcome]++;
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
