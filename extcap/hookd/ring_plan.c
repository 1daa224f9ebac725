// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring_plan.h"

#include <unistd.h>

#include "record.h"

/* Holds the largest frame, and little of a segment is wasted. */
#define SEGMENT_MIN  ((gsize)128 * 1024)
/* Larger rings have larger segments: an element of a BPF array is limited to 4 MiB (before 6.5). */
#define SEGMENTS_MAX 64
/* One can be read while the other one is filled. */
#define SEGMENTS_MIN 2

/* The rings for CPUs that come online later are this much smaller, each and in total. */
#define LATE_PART 4

_Static_assert(SEGMENT_MIN >= sizeof(struct xdpshark_segment) + sizeof(struct xdpshark_record) +
				      XDPSHARK_EXTRA_MAX + XDPSHARK_SNAPLEN_MAX,
	       "the largest frame fits");

static void add_rings(GArray *all, guint count, guint32 segments)
{
	for (guint i = 0; i < count; i++) {
		const struct xdpshark_ring *last =
			all->len > 0 ? &g_array_index(all, struct xdpshark_ring, all->len - 1)
				     : NULL;
		const struct xdpshark_ring ring = { last ? last->base + last->segments : 0,
						    segments };

		g_array_append_val(all, ring);
	}
}

GArray *rings_plan(Rings *ret_rings, gsize size, const Cpus *cpus)
{
	gsize segment = MAX(size / SEGMENTS_MAX, SEGMENT_MIN);
	guint32 each = MAX(size / segment, SEGMENTS_MIN);
	guint32 late = MAX(each / LATE_PART, SEGMENTS_MIN);
	guint late_count = MAX(each * cpus->online / LATE_PART / late, 1);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct xdpshark_ring));

	late_count = MIN(late_count, cpus->possible - cpus->online);
	ret_rings->cpu_count = cpus->end + 1;
	if (size == 0) {
		const struct xdpshark_ring none = { 0 };

		/* Maps cannot be empty. */
		g_array_append_val(all, none);
		ret_rings->segment_size = sysconf(_SC_PAGESIZE);
		ret_rings->segment_count = 1;
		return all;
	}
	add_rings(all, cpus->online, each);
	add_rings(all, late_count, late);
	ret_rings->segment_size = segment;
	ret_rings->segment_count = each * cpus->online + late * late_count;
	return all;
}
