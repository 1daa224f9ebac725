/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet's journey through the kernel: it has a number from where it was captured first until
 * its skb is freed. The skb is known by its address, a clone by that of the bytes that it shares
 * with it.
 *
 * An address is used again as soon as its skb is freed. journey.bpf.c sees that; what it does not
 * see is bounded by time.
 */
#ifndef XDPSHARK_JOURNEY_BPF_H
#define XDPSHARK_JOURNEY_BPF_H

#include "journey_record.h"

#include "skb_frame.bpf.h"

/* A packet that was not seen for so long is another one, in ns. Bytes that clones share are freed
 * where nobody sees it, more often than skbs are. */
#define JOURNEY_AGE_NS 60000000000ULL
#define BUFFER_AGE_NS  10000000000ULL

/* All of these are of all captures that follow packets together; their sizes are the loader's. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct xdpshark_journey);
} xdpshark_journeys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct xdpshark_journey);
} xdpshark_buffers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpshark_travel);
} xdpshark_travel SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpshark_begun);
} xdpshark_begun SEC(".maps");

/* A number that no other journey has. */
static __always_inline __u64 journey_number(__u32 level, __u32 cpu, __u32 cpus)
{
	const __u32 zero = 0;
	struct xdpshark_begun *begun = bpf_map_lookup_elem(&xdpshark_begun, &zero);
	__u64 at = level % XDPSHARK_BEGUN_MAX;

	if (!begun)
		return 0;
	return (begun->counts[at]++ * XDPSHARK_BEGUN_MAX + at) * cpus + cpu + 1;
}

static __always_inline struct xdpshark_travel *journey_travel(void)
{
	const __u32 zero = 0;

	return bpf_map_lookup_elem(&xdpshark_travel, &zero);
}

static __always_inline int journey_is_cloned(struct sk_buff *skb)
{
	return BPF_CORE_READ_BITFIELD_PROBED(skb, cloned) != 0;
}

/* How many have the bytes. */
static __always_inline __u32 journey_users(struct sk_buff *skb)
{
	struct skb_shared_info *shared =
		(void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));

	/* The upper half counts those who do not look at the headers. */
	return BPF_CORE_READ(shared, dataref.counter) & 0xffff;
}

/* What is known of the packet, or NULL. `arrives`: only another one can come by there with other
 * bytes. */
static __always_inline struct xdpshark_journey *journey_of_skb(struct sk_buff *skb, __u64 key,
							       __u64 now, int arrives)
{
	struct xdpshark_journey *journey = bpf_map_lookup_elem(&xdpshark_journeys, &key);

	if (!journey || now - journey->seen > JOURNEY_AGE_NS)
		return (void *)0;
	if (arrives && journey->head != (__u64)BPF_CORE_READ(skb, head))
		return (void *)0;
	return journey;
}

/* The number of the packet's journey; 0: it is on none. address: of the skb, which may be a copy of
 * what lies there. */
static __always_inline __u64 journey_find(struct sk_buff *skb, __u64 address, __u64 now,
					  int arrives)
{
	struct xdpshark_journey *journey = journey_of_skb(skb, address, now, arrives);
	__u64 key;

	if (journey)
		return journey->number;
	if (arrives || !journey_is_cloned(skb))
		return 0;
	key = (__u64)BPF_CORE_READ(skb, head);
	journey = bpf_map_lookup_elem(&xdpshark_buffers, &key);
	if (!journey || now - journey->seen > BUFFER_AGE_NS)
		return 0;
	return journey->number;
}

/* Follows the packet from now on. */
static __always_inline void journey_keep(struct sk_buff *skb, __u64 address, __u64 number,
					 __u64 now)
{
	struct xdpshark_journey journey = { .number = number, .seen = now };
	struct xdpshark_travel *travel = journey_travel();
	struct xdpshark_journey *before;
	__u64 key = address, old;

	journey.head = (__u64)BPF_CORE_READ(skb, head);
	before = bpf_map_lookup_elem(&xdpshark_journeys, &key);
	if (before) {
		old = before->head;
		if (before->number != number && travel) {
			__sync_fetch_and_add(&travel->ended, 1);
			__sync_fetch_and_add(&travel->kept, 1);
		}
		*before = journey;
		/* The old bytes may be anyone's now. */
		if (old != journey.head)
			bpf_map_delete_elem(&xdpshark_buffers, &old);
	} else if (bpf_map_update_elem(&xdpshark_journeys, &key, &journey, BPF_ANY) == 0 &&
		   travel) {
		__sync_fetch_and_add(&travel->kept, 1);
	}
	key = journey.head;
	bpf_map_update_elem(&xdpshark_buffers, &key, &journey, BPF_ANY);
}

#endif /* XDPSHARK_JOURNEY_BPF_H */
