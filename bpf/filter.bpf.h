/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiled filter's place in a capture program.
 */
#ifndef XDPSHARK_FILTER_BPF_H
#define XDPSHARK_FILTER_BPF_H

#include "ring.bpf.h"

/* The first bytes of a frame that packet pointers do not reach, a copy for the filter. An element
 * for each CPU; the loader makes it as large as the filter's reach. */
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
static __attribute__((noinline, unused)) __u32 filter(const void *data, const void *data_end,
						      __u64 wire_length, __u64 ifindex, __u64 queue)
{
	__u32 accepted = XDPSHARK_STUB_PACKET;

	asm volatile(""
		     : "+r"(accepted)
		     : "r"(data), "r"(data_end), "r"(wire_length), "r"(ifindex), "r"(queue));
	return accepted;
}

static __attribute__((noinline, unused)) __u32
filter_buffer(const void *buffer, __u64 size, __u64 wire_length, __u64 ifindex, __u64 queue)
{
	__u32 accepted = XDPSHARK_STUB_BUFFER;

	asm volatile(""
		     : "+r"(accepted)
		     : "r"(buffer), "r"(size), "r"(wire_length), "r"(ifindex), "r"(queue));
	return accepted;
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

#endif /* XDPSHARK_FILTER_BPF_H */
