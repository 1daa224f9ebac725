/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts of packets by verdict slot and outcome, and sums of them.
 */
#ifndef XDPSHARK_COUNTS_H
#define XDPSHARK_COUNTS_H

#include <glib.h>

#include "record.h"

/* Their sum is the number of packets that reached the programs. */
typedef struct {
	guint64 outcomes[XDPSHARK_VERDICT_SLOTS][XDPSHARK_OUTCOMES];
} Counts;

/* Adds those of one session to those of all. */
void counts_add(Counts *sum, const Counts *counts);

/* Sums over the verdict slots (bit 1 << slot). */
guint64 counts_received(const Counts *counts, guint slots);
guint64 counts_matched(const Counts *counts, guint slots);
guint64 counts_lost(const Counts *counts, guint slots);
/* Packets that matched but were left out by --sample or --rate. */
guint64 counts_braked(const Counts *counts, guint slots);

/* What was counted in a time (us) since an earlier count, for each second. */
void counts_rate(const Counts *counts, const Counts *before, guint64 elapsed, Counts *ret_rates);

#endif /* XDPSHARK_COUNTS_H */
