/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps of a capture: its rings, and what their readers and programs know of each other.
 */
#ifndef XDPSHARK_RING_MAPS_BPF_H
#define XDPSHARK_RING_MAPS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "record.h"

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

#endif /* XDPSHARK_RING_MAPS_BPF_H */
