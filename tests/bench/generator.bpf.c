/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends the frames of a test run (BPF_F_TEST_XDP_LIVE_FRAMES) out of a device, each when it is due.
 * The pace is kept here, as a test run for a few frames costs as much as a thousand frames.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "generator.h"

/* Looks at the clock for a frame: some 25 ns each, so that this paces down to 20,000 a second. */
#define LOOKS_MAX 2000

const volatile struct generator_config config;

__u64 start;
__u64 sent;

SEC("xdp")
int generator(struct xdp_md *ctx __attribute__((unused)))
{
	if (config.rate) {
		if (!start)
			start = bpf_ktime_get_ns();
		__u64 due = start + sent * 1000000000 / config.rate;

		for (int i = 0; i < LOOKS_MAX && bpf_ktime_get_ns() < due; i++)
			;
		sent++;
	}
	return (int)bpf_redirect(config.ifindex, 0);
}

char LICENSE[] SEC("license") = "GPL";
