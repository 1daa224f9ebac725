/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the generator tells its program before load. */
#ifndef XDPSHARK_BENCH_GENERATOR_H
#define XDPSHARK_BENCH_GENERATOR_H

#include <linux/types.h>

struct generator_config {
	__u64 rate;    /* frames a second, 0: as fast as it goes */
	__u32 ifindex; /* of the device to send from */
	__u32 reserved;
};

#endif /* XDPSHARK_BENCH_GENERATOR_H */
