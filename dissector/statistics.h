/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > XDP, and `tshark -z xdp,tree`: packets by action, hook, program, device, queue, CPU
 * and so on. */
#ifndef XDPSHARK_DISSECTOR_STATISTICS_H
#define XDPSHARK_DISSECTOR_STATISTICS_H

#include "verdict.h"

/* Call once, when protocols are registered. */
void statistics_register(void);

/* Counts a packet, if any statistics are open. counts: false if it is counted at its exit. */
void statistics_add(packet_info *pinfo, const Verdict *verdict, bool counts);

#endif
