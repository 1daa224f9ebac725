/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > Journeys, and tshark -z skb,journeys: the time that packets take from point to
 * point. */
#ifndef XDPSHARK_JOURNEY_STATISTICS_H
#define XDPSHARK_JOURNEY_STATISTICS_H

#include "journey.h"

/* To be called once, when protocols are registered. */
void journey_statistics_register(void);

/* Counts a packet that was seen at the point. */
void journey_statistics_add(packet_info *pinfo, const Journey *journey, const char *point);

#endif
