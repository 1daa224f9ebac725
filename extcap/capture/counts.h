/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of packets, by verdict slot and outcome, and sums of that.
 */
#ifndef XDPSHARK_COUNTS_H
#define XDPSHARK_COUNTS_H

#include <glib.h>

#include "record.h"

/* All together are the packets that reached the programs. */
typedef struct {
	guint64 outcomes[XDPSHARK_VERDICT_SLOTS][XDPSHARK_OUTCOMES];
} Counts;

/* Adds those of one session to those of all. */
void counts_add(Counts *sum, const Counts *counts);

/* Sums over the verdict slots (bit 1 << slot). */
guint64 counts_received(const Counts *counts, guint slots);
guint64 counts_matched(const Counts *counts, guint slots);
guint64 counts_lost(const Counts *counts, guint slots);
/* Matched, and left out by --sample or --rate. */
guint64 counts_braked(const Counts *counts, guint slots);

#endif /* XDPSHARK_COUNTS_H */
