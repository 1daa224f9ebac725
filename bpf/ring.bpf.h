/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs' end of the rings: the maps, the brakes, the counters, and what puts a packet into
 * the ring of its CPU and wakes the reader. Knows nothing of where packets come from. A source is a
 * .bpf.c that includes this and defines the functions of "What a source brings along"; its programs
 * run the filter (filter.bpf.h), ask count_filtered() whether the packet is to be captured, and
 * hand it to capture_matched(). Everything is inlined: no call is left.
 */
#ifndef XDPSHARK_RING_BPF_H
#define XDPSHARK_RING_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "brake.bpf.h"
#include "record.h"
#include "ring_maps.bpf.h"

/*
 * What a source brings along. ctx is what its programs hand to capture_matched(): the program's
 * context, or a struct of the source's own.
 */

/* Sets ifindex and queue. */
static __always_inline void source_describe(void *ctx, struct xdpshark_record *record);

/* Copies the packet's first `length` bytes, 1 to room, a constant; bounded_size() says so to the
 * verifier. Returns 0, or another number if they cannot be read. */
static __always_inline long source_copy(void *ctx, __u8 *to, __u32 length, __u32 room);

/* Reads the device that the packet came from; the other one: is that another than the one that was
 * read? Called only with config.names_device. */
static __always_inline void source_read_device(void *ctx, struct xdpshark_device *device);
static __always_inline __u32 source_is_other_device(void *ctx,
						    const struct xdpshark_device *device);

/* The source's own bytes in front of each packet's: a constant, a multiple of 8. To be defined
 * before this header is included; then source_write_extra() writes them all. */
#ifndef SOURCE_EXTRA
#define SOURCE_EXTRA 0
#endif
#if SOURCE_EXTRA > 0
static __always_inline void source_write_extra(void *ctx, __u8 *to);
#endif
/* Whether they are there, by the configuration. */
#ifndef SOURCE_WRITES_EXTRA
#define SOURCE_WRITES_EXTRA 1
#endif
_Static_assert(SOURCE_EXTRA % 8 == 0 && SOURCE_EXTRA <= XDPSHARK_EXTRA_MAX, "as in record.h");

/* A CPU wakes the reader no more often, in ns. A reader that means well asks for far less. */
#define WAKE_INTERVAL_NS 1000000ULL

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
	/* set by the source */
	__u32 wire_length;
	__u32 readable; /* bytes of it that source_copy() can reach */
	__u32 slot;	/* where it counts */
	__s32 verdict;	/* these and all below as in struct xdpshark_record */
	__u16 point;
	__u8 direction;
	/* set by the source if the packet was seen before, else 0: no brake holds it up then */
	__u64 number;
	__u64 time; /* 0: now */
	__u8 late;  /* now is when its record has been written: what others take is measured from
		     * then on. A constant */
	__u8 same;  /* its bytes are those of another record, if that is where this one goes, too,
		     * and its time is known: source_copy() is called for a struct xdpshark_same.
		     * A constant */
	/* of its record in the segment, if it was captured; set by the source for the one that has
	 * the bytes */
	__u32 offset;
	__u32 taken; /* of the CPU then */
	/* set by capture_matched() */
	__u8 kind;
	__u32 device;
	__u32 captured_length;
	__u32 lost;
};

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

/* The record's bytes: the source's own, then the packet's, or those of the device if there is one.
 * Returns 0, or another number if the packet's cannot be read. */
static __always_inline long fill_record(void *ctx, struct xdpshark_record *record, __u32 length,
					const struct xdpshark_device *device, const __u32 room)
{
	const __u32 extra = SOURCE_WRITES_EXTRA ? SOURCE_EXTRA : 0;

	if (device) {
		*(struct xdpshark_device *)(void *)record->data = *device;
		return 0;
	}
#if SOURCE_EXTRA > 0
	if (extra)
		source_write_extra(ctx, record->data);
#endif
	return source_copy(ctx, record->data + extra, length, room);
}

/* The packet's time is now. 0 if nobody is to get it any more. */
static __always_inline int stamp(struct xdpshark_cpu *state, struct packet *packet)
{
	packet->time = bpf_ktime_get_ns();
	*(volatile __u64 *)&state->began = packet->time;
	return has_heartbeat(packet->time);
}

/*
 * Copies the packet, or the device if there is one, into a record and makes that visible to the
 * reader. The verifier knows no sum of two variables: a record starts where `room` bytes would
 * still fit, a constant that the captured length does not exceed.
 */
static __always_inline int emit(void *ctx, struct xdpshark_cpu *state, struct packet *packet,
				const struct xdpshark_device *device, const __u32 room)
{
	const __u32 extra = device || !(SOURCE_WRITES_EXTRA) ? 0 : SOURCE_EXTRA;
	const __u32 last = config.segment_size - sizeof(struct xdpshark_segment) -
			   sizeof(struct xdpshark_record) - extra - room;
	struct xdpshark_segment *segment = find_segment(state->current);
	__u64 offset = state->offset;
	struct xdpshark_record *record;

	if (offset > last && !packet->same) {
		segment = take_segment(state);
		offset = 0;
	}
	if (!segment)
		return XDPSHARK_LOST_FULL;
	/* Nothing new, but in the register that is used: the compiler may have put the offset aside
	 * before it was compared, and old verifiers do not see that both are the same. */
	asm volatile("if %[offset] <= %[last] goto +1\n\t%[offset] = 0"
		     : [offset] "+r"(offset)
		     : [last] "r"((__u64)last));
	if (!packet->same) {
		packet->offset = offset;
		packet->taken = state->taken;
	}
	record = (void *)segment->data + offset;
	record->packet = packet->number;
	record->wire_length = packet->wire_length;
	record->captured_length = packet->captured_length;
	source_describe(ctx, record);
	record->lost = packet->lost;
	record->verdict = packet->verdict;
	record->point = packet->point;
	record->extra = extra;
	record->kind = packet->kind;
	record->direction = packet->direction;
	record->device = packet->device;
	record->version = config.version;
	if (fill_record(ctx, record, packet->captured_length, device, room))
		return XDPSHARK_LOST_UNREADABLE;
	if (packet->late && !stamp(state, packet))
		return XDPSHARK_LOST_READER;
	record->time = packet->time;
	offset += (sizeof(*record) + extra + packet->captured_length + 7) & ~7;
	state->offset = offset;
	publish(&segment->used, offset);
	return XDPSHARK_CAPTURED;
}

/* What becomes of a packet, besides enum xdpshark_outcome: see capture_matched(). */
#define NOT_HERE (-1)

/* A record that may come in front of a packet's. */
#define DEVICE_RECORD (sizeof(struct xdpshark_record) + sizeof(struct xdpshark_device))

/* Whether a record is in the segment that is being filled, which still has room for one that refers
 * to it. `taken`: of the CPU when it was written. */
static __always_inline int is_same_segment(const struct xdpshark_cpu *state, __u32 taken,
					   __u32 record)
{
	const __u32 last = config.segment_size - sizeof(struct xdpshark_segment) - DEVICE_RECORD -
			   sizeof(struct xdpshark_record) - SOURCE_EXTRA -
			   sizeof(struct xdpshark_same);

	return taken == state->taken && record < state->offset && state->offset <= last;
}

/* With the smallest room that the packet fits in: so much at most is left unused of a segment. */
static __always_inline int emit_fitting(void *ctx, struct xdpshark_cpu *state,
					struct packet *packet)
{
	__u32 length = packet->captured_length;

	if (packet->same)
		return emit(ctx, state, packet, (void *)0, sizeof(struct xdpshark_same));
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
static __always_inline int number_device(void *ctx, struct xdpshark_cpu *state,
					 struct packet *packet)
{
	struct xdpshark_device device;
	struct packet news;
	int outcome;

	if (!config.names_device)
		return XDPSHARK_CAPTURED;
	packet->device = state->device % XDPSHARK_DEVICES;
	if (!source_is_other_device(ctx, &state->devices[packet->device]))
		return XDPSHARK_CAPTURED;
	__builtin_memset(&device, 0, sizeof(device));
	source_read_device(ctx, &device);
	packet->device = (__u32)(device.ifindex + device.namespace) % XDPSHARK_DEVICES;
	state->device = packet->device;
	if (is_same_device(&state->devices[packet->device], &device))
		return XDPSHARK_CAPTURED;
	news = *packet;
	news.wire_length = news.captured_length = sizeof(device);
	news.lost = 0;
	news.kind = XDPSHARK_KIND_DEVICE;
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

static __always_inline int emit_to_ring(void *ctx, struct xdpshark_cpu *state,
					struct packet *packet)
{
	int outcome;

	if (!state->segments && !take_ring(state))
		return XDPSHARK_LOST_NO_RING;
	/* Now that the ring is ours: a program that has interrupted this one may have filled it. */
	if (packet->same && !is_same_segment(state, packet->taken, packet->offset))
		return NOT_HERE;
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

static __always_inline void count(struct xdpshark_cpu *state, __u32 slot, __u32 outcome)
{
	state->outcomes[slot % XDPSHARK_VERDICT_SLOTS][outcome]++;
}

/* The packet of a CPU that has no element of its own: others may count in this one at the same
 * time.
 */
static __always_inline void count_beyond(__u32 matches, __u32 slot)
{
	__u32 index = config.cpus;
	struct xdpshark_cpu *state = bpf_map_lookup_elem(&xdpshark_cpus, &index);
	__u64 *outcomes;

	if (!state)
		return;
	outcomes = state->outcomes[slot % XDPSHARK_VERDICT_SLOTS];
	if (matches)
		__sync_fetch_and_add(&outcomes[XDPSHARK_LOST_NO_RING], 1);
	else
		__sync_fetch_and_add(&outcomes[XDPSHARK_REJECTED], 1);
}

/* After the filter, whose result `matches` is: returns the CPU's element if the packet is to be
 * captured. Else it is counted, and NULL returned. */
static __always_inline struct xdpshark_cpu *count_filtered(__u32 matches, __u32 cpu, __u32 slot)
{
	struct xdpshark_cpu *state = bpf_map_lookup_elem(&xdpshark_cpus, &cpu);

	if (!state && matches && config.count_only) {
		cpu = config.cpus;
		return bpf_map_lookup_elem(&xdpshark_cpus, &cpu);
	}
	if (!state) {
		count_beyond(matches, slot);
		return (void *)0;
	}
	if (!matches) {
		count(state, slot, XDPSHARK_REJECTED);
		return (void *)0;
	}
	return state;
}

/* All that is done with a packet where nobody wants to see it. The element for CPUs that have none
 * of their own is that of several. */
static __always_inline int count_matched(struct xdpshark_cpu *state, __u32 cpu,
					 const struct packet *packet)
{
	__u32 slot = packet->slot % XDPSHARK_VERDICT_SLOTS;

	if (cpu >= config.cpus) {
		__sync_fetch_and_add(&state->outcomes[slot][XDPSHARK_CAPTURED], 1);
		__sync_fetch_and_add(&state->bytes[slot], packet->wire_length);
		return XDPSHARK_CAPTURED;
	}
	state->outcomes[slot][XDPSHARK_CAPTURED]++;
	state->bytes[slot] += packet->wire_length;
	return XDPSHARK_CAPTURED;
}

/*
 * A packet that the filter lets through. Returns what became of it, and leaves its number and time
 * in *packet. NOT_HERE: nothing, as the bytes that it refers to are not in the same segment.
 *
 * The ring is of one program at a time: a test run of the user's program can be interrupted by the
 * arrival of a packet (before 6.16), and on a real-time kernel so can any program. That one is at
 * work is set before the packet's time is read. So the reader knows how old a record can be that it
 * does not see yet.
 */
static __always_inline int capture_matched(void *ctx, struct xdpshark_cpu *state, __u32 cpu,
					   struct packet *packet)
{
	const __u32 zero = 0;
	struct xdpshark_control *control = bpf_map_lookup_elem(&xdpshark_ctl, &zero);
	volatile __u32 *busy = &state->busy;
	__u32 alone = !*busy, length = packet->readable;
	int seen = packet->same || packet->number != 0, outcome;

	if (config.count_only)
		return count_matched(state, cpu, packet);
	packet->kind = packet->same ? XDPSHARK_KIND_SAME : XDPSHARK_KIND_PACKET;
	packet->device = XDPSHARK_DEVICE_UNKNOWN;
	if (!seen)
		packet->number = (__u64)cpu << XDPSHARK_CPU_SHIFT | ++state->matched;
	if (packet->same)
		packet->captured_length = sizeof(struct xdpshark_same);
	else
		packet->captured_length = length < config.snaplen ? length : config.snaplen;
	packet->lost = state->lost < ~0U ? state->lost : ~0U;
	if (alone)
		*busy = 1;
	if (!packet->late && !packet->same && !packet->time)
		packet->time = bpf_ktime_get_ns();
	if (!packet->late && alone)
		*(volatile __u64 *)&state->began = packet->time;
	outcome = control ? brake(state, control, packet->time, packet->late, seen)
			  : XDPSHARK_LOST_READER;
	if (outcome == XDPSHARK_CAPTURED)
		outcome = alone ? emit_to_ring(ctx, state, packet) : XDPSHARK_LOST_NO_RING;
	if (alone)
		*busy = 0;
	if (packet->same && outcome == NOT_HERE)
		return outcome;
	if (outcome == XDPSHARK_CAPTURED) {
		state->lost -= packet->lost;
		wake_reader(state, control, packet->time);
	} else if (outcome > XDPSHARK_CAPTURED) {
		state->lost++;
	}
	count(state, packet->slot, outcome);
	return outcome;
}

#endif /* XDPSHARK_RING_BPF_H */
