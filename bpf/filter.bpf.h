/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiled filter's place in a capture program.
 */
#ifndef XDPSHARK_FILTER_BPF_H
#define XDPSHARK_FILTER_BPF_H

#include "ring.bpf.h"

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

#endif /* XDPSHARK_FILTER_BPF_H */
