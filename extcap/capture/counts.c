// SPDX-License-Identifier: GPL-2.0-or-later
#include "counts.h"

void counts_add(Counts *sum, const Counts *counts)
{
	for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++)
		for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++)
			sum->outcomes[slot][outcome] += counts->outcomes[slot][outcome];
}

static guint64 sum(const Counts *counts, guint slots, guint first, guint last)
{
	guint64 total = 0;

	for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++)
		if (slots >> slot & 1)
			for (guint outcome = first; outcome <= last; outcome++)
				total += counts->outcomes[slot][outcome];
	return total;
}

guint64 counts_received(const Counts *counts, guint slots)
{
	return sum(counts, slots, 0, XDPSHARK_OUTCOMES - 1);
}

guint64 counts_matched(const Counts *counts, guint slots)
{
	return sum(counts, slots, XDPSHARK_SAMPLED, XDPSHARK_LOST_NO_RING);
}

guint64 counts_lost(const Counts *counts, guint slots)
{
	return sum(counts, slots, XDPSHARK_LOST_FULL, XDPSHARK_LOST_NO_RING);
}

guint64 counts_braked(const Counts *counts, guint slots)
{
	return sum(counts, slots, XDPSHARK_SAMPLED, XDPSHARK_LIMITED);
}

void counts_rate(const Counts *counts, const Counts *before, guint64 elapsed, Counts *ret_rates)
{
	for (guint slot = 0; slot < XDPSHARK_VERDICT_SLOTS; slot++)
		for (guint outcome = 0; outcome < XDPSHARK_OUTCOMES; outcome++) {
			guint64 more =
				counts->outcomes[slot][outcome] - before->outcomes[slot][outcome];

			ret_rates->outcomes[slot][outcome] =
				(more * G_USEC_PER_SEC + elapsed / 2) / elapsed;
		}
}
