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

/* Without a sign of life for so long, the programs copy nothing any more. A machine under attack
 * may keep xdpshark-hookd from running for seconds; and once nobody reads, a full ring ends the
 * copying anyway. */
#define HEARTBEAT_LIMIT_NS 12000000000ULL

/* CLOCK_MONOTONIC of the last sign of life, in ns. xdpshark-hookd writes it through mmap from the
 * moment at which the capture begins; nobody else has this map. */
volatile __u64 heartbeat;

/* A CPU wakes the reader no more often, in ns. A reader that means well asks for far less. */
#define WAKE_INTERVAL_NS 1000000ULL

/* The rings of all CPUs: see struct xdpshark_segment. Number and size are the loader's. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct xdpshark_segment));
} xdpshark_segments SEC(".maps");

/* The rings that no CPU has yet. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, struct xdpshark_ring);
} xdpshark_rings SEC(".maps");

/* Nothing is put into it: it wakes the reader. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} xdpshark_wake SEC(".maps");

/* When each CPU woke the reader last, in ns: out of the reader's reach, or one that never takes its
 * request back would be woken for each packet. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} xdpshark_woken SEC(".maps");

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
 * loader puts the compiled instructions in their place (see extcap/hookd/splice.c), which have
 * these signatures. They must stay functions of their own that the compiler cannot see through, and
 * be no longer than the shortest compiled filter, two instructions. The loader knows them by the
 * value that they return.
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
	__u32 device;
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

/* What was written before is visible to the reader before what is written after: on x86 so is every
 * store, else an exchange sees to it (Linux memory model: a value-returning atomic is a full
 * barrier). */
static __always_inline void publish(__u32 *where, __u32 value)
{
#if defined(XDPSHARK_STORES_IN_ORDER)
	asm volatile("" ::: "memory");
	*(volatile __u32 *)where = value;
#else
	__sync_lock_test_and_set(where, value);
#endif
}

static __always_inline struct xdpshark_segment *find_segment(__u32 number)
{
	return bpf_map_lookup_elem(&xdpshark_segments, &number);
}

/* Goes on to the next segment. NULL if the reader has not given it back. */
static __always_inline struct xdpshark_segment *take_segment(struct xdpshark_cpu *state)
{
	__u32 held = state->taken - *(volatile __u32 *)&state->freed;
	__u32 alarm = *(volatile __u32 *)&state->alarm, number = state->current + 1;
	struct xdpshark_segment *segment;

	if (held >= state->segments)
		return (void *)0;
	if (number >= state->base + state->segments)
		number = state->base;
	segment = find_segment(number);
	if (!segment)
		return (void *)0;
	segment->used = 0;
	state->current = number;
	state->offset = 0;
	publish(&state->taken, state->taken + 1);
	if (alarm && held + 1 >= alarm)
		state->bell = 1;
	return segment;
}

/*
 * Copies the packet, or the device if there is one, into a record and makes that visible to the
 * reader. The verifier knows no sum of two variables: a record starts where `room` bytes would
 * still fit, a constant that the captured length does not exceed.
 */
static __always_inline int emit(struct xdp_md *ctx, struct xdpshark_cpu *state,
				const struct packet *packet, const struct xdpshark_device *device,
				const __u32 room)
{
	const __u32 last = config.segment_size - sizeof(struct xdpshark_segment) -
			   sizeof(struct xdpshark_record) - room;
	struct xdpshark_segment *segment = find_segment(state->current);
	__u64 offset = state->offset;
	struct xdpshark_record *record;

	if (offset > last) {
		segment = take_segment(state);
		offset = 0;
	}
	if (!segment)
		return XDPSHARK_LOST_FULL;
	record = (void *)segment->data + offset;
	record->time = packet->time;
	record->packet = packet->number;
	record->wire_length = packet->wire_length;
	record->captured_length = packet->captured_length;
	record->ifindex = ctx->ingress_ifindex;
	record->queue = ctx->rx_queue_index;
	record->lost = packet->lost;
	record->cpu = packet->cpu;
	record->action = packet->action;
	record->device = packet->device;
	if (device)
		*(struct xdpshark_device *)(void *)record->data = *device;
	else if (copy_packet(ctx, record->data, packet->captured_length, room))
		return XDPSHARK_LOST_UNREADABLE;
	offset += (sizeof(*record) + packet->captured_length + 7) & ~7;
	state->offset = offset;
	publish(&segment->used, offset);
	return XDPSHARK_CAPTURED;
}

/* With the smallest room that the packet fits in: so much at most is left unused of a segment. */
static __always_inline int emit_fitting(struct xdp_md *ctx, struct xdpshark_cpu *state,
					const struct packet *packet)
{
	__u32 length = packet->captured_length;

	if (length <= 2048)
		return emit(ctx, state, packet, (void *)0, 2048);
	if (length <= 16384)
		return emit(ctx, state, packet, (void *)0, 16384);
	if (length <= XDPSHARK_SNAPLEN_MAX)
		return emit(ctx, state, packet, (void *)0, XDPSHARK_SNAPLEN_MAX);
	return XDPSHARK_LOST_UNREADABLE;
}

static __always_inline int is_same_device(const struct xdpshark_device *one,
					  const struct xdpshark_device *other)
{
	const __u64 *a = (const void *)one, *b = (const void *)other;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]));
}

/* Finds the number of the packet's device, most often that of the packet before. One that has none
 * yet is told to the reader first, which may fail as for a packet. */
static __always_inline int number_device(struct xdp_md *ctx, struct xdpshark_cpu *state,
					 struct packet *packet)
{
	struct xdpshark_device device = {};
	struct packet news = *packet;
	int outcome;

	if (!config.names_device)
		return XDPSHARK_CAPTURED;
	packet->device = state->device % XDPSHARK_DEVICES;
	if (!is_other_device(ctx, &state->devices[packet->device]))
		return XDPSHARK_CAPTURED;
	read_device(ctx, &device);
	packet->device = (__u32)(device.ifindex + device.namespace) % XDPSHARK_DEVICES;
	state->device = packet->device;
	if (is_same_device(&state->devices[packet->device], &device))
		return XDPSHARK_CAPTURED;
	news.wire_length = news.captured_length = sizeof(device);
	news.lost = 0;
	news.action = XDPSHARK_ACTION_DEVICE;
	news.device = packet->device;
	outcome = emit(ctx, state, &news, &device, sizeof(device));
	if (outcome == XDPSHARK_CAPTURED)
		state->devices[packet->device] = device;
	return outcome;
}

/* For the first packet of a CPU, be it one that came online a moment ago. 0 if none is left. */
static __always_inline int take_ring(struct xdpshark_cpu *state)
{
	struct xdpshark_ring ring;

	if (state->ringless)
		return 0;
	if (bpf_map_pop_elem(&xdpshark_rings, &ring)) {
		state->ringless = 1;
		return 0;
	}
	state->base = ring.base;
	state->current = ring.base + ring.segments - 1;
	state->offset = config.segment_size;
	publish(&state->segments, ring.segments);
	return 1;
}

static __always_inline int emit_to_ring(struct xdp_md *ctx, struct xdpshark_cpu *state,
					struct packet *packet)
{
	int outcome;

	if (!state->segments && !take_ring(state))
		return XDPSHARK_LOST_NO_RING;
	outcome = number_device(ctx, state, packet);
	return outcome == XDPSHARK_CAPTURED ? emit_fitting(ctx, state, packet) : outcome;
}

/* The reader looks at the rings by itself while packets come. Only when it is about to sleep does
 * it ask to be woken: an interrupt for each packet would cost more than all the rest. Between two
 * looks that are far apart, a ring that fills up quickly wakes it, too. */
static __always_inline void wake_reader(struct xdpshark_cpu *state,
					struct xdpshark_control *control, __u64 now)
{
	const __u32 zero = 0;
	void *nothing;
	__u64 *last;

	if (!control->armed && !state->bell)
		return;
	last = bpf_map_lookup_elem(&xdpshark_woken, &zero);
	if (!last || now - *last < WAKE_INTERVAL_NS)
		return;
	*last = now;
	if (state->bell)
		state->alarm = 0;
	state->bell = 0;
	control->armed = 0;
	nothing = bpf_ringbuf_reserve(&xdpshark_wake, 8, 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
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

static __always_inline __u32 run_filter(struct xdp_md *ctx, __u32 linear, __u32 wire_length,
					__u32 cpu)
{
	__u64 ifindex = 0, queue = 0;

	if (linear < wire_length && linear < config.reach)
		return filter_fragments(ctx, wire_length, cpu);
	if (config.wants_device) {
		ifindex = ctx->ingress_ifindex;
		queue = ctx->rx_queue_index;
	}
	return filter((void *)(long)ctx->data, (void *)(long)ctx->data_end, wire_length, ifindex,
		      queue);
}

/* What keeps a matching packet from being copied, before it costs anything; XDPSHARK_CAPTURED if
 * nothing does. */
static __always_inline int brake(struct xdpshark_cpu *state, const struct xdpshark_control *control,
				 __u64 now)
{
	if (control->closed)
		return XDPSHARK_LOST_READER;
	/* Signed: the heart may have beaten since now was taken. */
	if ((__s64)(now - heartbeat) > (__s64)HEARTBEAT_LIMIT_NS)
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

/*
 * A packet that the filter lets through.
 *
 * The ring is of one program at a time: a test run of the user's program can be interrupted by the
 * arrival of a packet (before 6.16), and on a real-time kernel so can any program. That one is at
 * work is set before the packet's time is read. So the reader knows how old a record can be that it
 * does not see yet.
 */
static __always_inline void capture_matched(struct xdp_md *ctx, struct xdpshark_cpu *state,
					    __u32 wire_length, __u32 cpu, const __u32 action)
{
	const __u32 zero = 0;
	struct xdpshark_control *control = bpf_map_lookup_elem(&xdpshark_ctl, &zero);
	volatile __u32 *busy = &state->busy;
	__u32 alone = !*busy;
	struct packet packet = {
		.number = (__u64)cpu << 48 | ++state->matched,
		.wire_length = wire_length,
		.captured_length = wire_length < config.snaplen ? wire_length : config.snaplen,
		.lost = state->lost < ~0U ? state->lost : ~0U,
		.cpu = cpu,
		.action = action,
		.device = XDPSHARK_DEVICE_UNKNOWN,
	};
	int outcome;

	if (alone)
		*busy = 1;
	packet.time = bpf_ktime_get_ns();
	if (alone)
		*(volatile __u64 *)&state->began = packet.time;
	outcome = control ? brake(state, control, packet.time) : XDPSHARK_LOST_READER;
	if (outcome == XDPSHARK_CAPTURED)
		outcome = alone ? emit_to_ring(ctx, state, &packet) : XDPSHARK_LOST_NO_RING;
	if (alone)
		*busy = 0;
	if (outcome == XDPSHARK_CAPTURED) {
		state->lost -= packet.lost;
		wake_reader(state, control, packet.time);
	} else if (outcome > XDPSHARK_CAPTURED) {
		state->lost++;
	}
	state->outcomes[action][outcome]++;
}

/* The packet of a CPU that has no element of its own: others may count in this one at the same
 * time.
 */
static __always_inline void count_beyond(__u32 verdict, const __u32 action)
{
	__u32 index = config.cpus;
	struct xdpshark_cpu *state = bpf_map_lookup_elem(&xdpshark_cpus, &index);

	if (state && verdict)
		__sync_fetch_and_add(&state->outcomes[action][XDPSHARK_LOST_NO_RING], 1);
	else if (state)
		__sync_fetch_and_add(&state->outcomes[action][XDPSHARK_REJECTED], 1);
}

/* What most packets do is to fail the filter: what is not needed for that comes later. */
static __always_inline void capture(struct xdp_md *ctx, const __u32 action)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 linear = ctx->data_end - ctx->data, wire_length = linear, verdict;
	__u32 measured = config.wants_length || linear < config.reach;
	struct xdpshark_cpu *state;

	if (config.fragments && measured)
		wire_length = bpf_xdp_get_buff_len(ctx);
	verdict = run_filter(ctx, linear, wire_length, cpu);
	state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
	if (!state) {
		count_beyond(verdict, action);
		return;
	}
	if (!verdict) {
		state->outcomes[action][XDPSHARK_REJECTED]++;
		return;
	}
	if (config.fragments && !measured)
		wire_length = bpf_xdp_get_buff_len(ctx);
	capture_matched(ctx, state, wire_length, cpu, action);
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
