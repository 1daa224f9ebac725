/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps packets that match from being copied: that nobody reads them any more, a pause, random
 * sampling, the rate limit.
 */
#ifndef XDPSHARK_BRAKE_BPF_H
#define XDPSHARK_BRAKE_BPF_H

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

/* In a map of its own, which all versions of a capture's programs share. */
volatile struct xdpshark_brakes brakes SEC(".data.brakes");

static __always_inline int has_heartbeat(__u64 now)
{
	/* Signed: the heart may have beaten since now was taken. */
	return (__s64)(now - heartbeat) <= (__s64)HEARTBEAT_LIMIT_NS;
}

/* What keeps a matching packet from being copied, before it costs anything; XDPSHARK_CAPTURED if
 * nothing does. `late`: its time is not known yet. */
static __always_inline int brake(struct xdpshark_cpu *state, const struct xdpshark_control *control,
				 __u64 time, const int late, int seen)
{
	__u32 sample;

	if (control->closed)
		return XDPSHARK_LOST_READER;
	if (!late && !has_heartbeat(time))
		return XDPSHARK_LOST_READER;
	if (seen)
		return XDPSHARK_CAPTURED;
	if (brakes.paused)
		return XDPSHARK_SAMPLED;
	sample = brakes.sample;
	if (sample && bpf_get_prandom_u32() >= sample)
		return XDPSHARK_SAMPLED;
	if (config.interval) {
		/* A token bucket, kept as the time at which it is empty (GCRA, ITU-T I.371). */
		__u64 now = late ? bpf_ktime_get_ns() : time;
		__u64 earliest = now - config.burst;
		__u64 due = state->due < earliest ? earliest : state->due;

		if (due > now)
			return XDPSHARK_LIMITED;
		state->due = due + config.interval;
	}
	return XDPSHARK_CAPTURED;
}

#endif /* XDPSHARK_BRAKE_BPF_H */
