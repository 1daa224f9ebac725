// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "record.h"

/* The largest frame fits, and little of a segment stays unused. */
#define SEGMENT_MIN  ((gsize)128 * 1024)
/* Larger rings have larger ones: an element of a BPF array is 4 MiB at most (before 6.5). */
#define SEGMENTS_MAX 64

_Static_assert(SEGMENT_MIN >= sizeof(struct xdpshark_segment) + sizeof(struct xdpshark_record) +
				      XDPSHARK_SNAPLEN_MAX,
	       "the largest frame fits");

static guint count_online(void)
{
	glong online = sysconf(_SC_NPROCESSORS_ONLN);

	return MAX(online, 1);
}

void rings_plan(Rings *rings, gsize size)
{
	gsize segment = MAX(size / SEGMENTS_MAX, SEGMENT_MIN);

	rings->segment_size = segment;
	/* One can be read while the other is being filled. */
	rings->segment_count = MAX(size / segment, 2) * MIN(count_online(), rings->cpu_count);
}

/* Ranges as in "0-3,6": the kernel's list of the CPUs that are online. NULL if it cannot be read.
 */
static gboolean *read_online(guint count)
{
	g_autofree gboolean *online = g_new0(gboolean, count);
	g_autofree char *text = NULL;
	g_auto(GStrv) ranges = NULL;

	if (!g_file_get_contents("/sys/devices/system/cpu/online", &text, NULL, NULL))
		return NULL;
	ranges = g_strsplit(text, ",", -1);
	for (char **range = ranges; *range; range++) {
		char *end;
		guint64 first = g_ascii_strtoull(*range, &end, 10), last = first;

		if (*end == '-')
			last = g_ascii_strtoull(end + 1, NULL, 10);
		for (guint64 cpu = first; cpu <= last && cpu < count; cpu++)
			online[cpu] = TRUE;
	}
	return g_steal_pointer(&online);
}

int rings_assign(const Rings *rings)
{
	g_autofree gboolean *online = read_online(rings->cpu_count);
	guint32 each = rings->segment_count / MIN(count_online(), rings->cpu_count), base = 0;

	for (guint32 cpu = 0; cpu < rings->cpu_count && base + each <= rings->segment_count;
	     cpu++) {
		const struct xdpshark_cpu state = {
			.base = base,
			.current = base + each - 1,
			.offset = rings->segment_size,
			.segments = each,
		};

		if (online && !online[cpu])
			continue;
		if (bpf_map_update_elem(rings->cpus, &cpu, &state, BPF_ANY) < 0)
			return -errno;
		base += each;
	}
	return 0;
}
