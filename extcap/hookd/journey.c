// SPDX-License-Identifier: GPL-2.0-or-later
#include "journey.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "journey_record.h"
#include "program_error.h"
#include "trace.h"
/* after journey_record.h, whose types it uses */
#include "journey.skel.h"

/* Those of bpf/journey.bpf.h. */
static const char *const shared_maps[] = { "xdpshark_journeys", "xdpshark_buffers",
					   "xdpshark_travel", "xdpshark_begun" };

/* Of this process: it has one caller. */
static struct {
	struct journey_bpf *skeleton; /* NULL: nobody follows packets */
	GArray *links;		      /* descriptors */
	guint users;
} journeys;

static void close_link(gpointer link)
{
	close(*(const int *)link);
}

/* Whether the program is for a function. */
static gboolean is_of_function(const struct bpf_program *program)
{
	enum bpf_attach_type type = bpf_program__expected_attach_type(program);

	return type == BPF_TRACE_FENTRY || type == BPF_TRACE_FEXIT;
}

/* The function or tracepoint. */
static const char *target_of(const struct bpf_program *program)
{
	return strchr(bpf_program__section_name(program), '/') + 1;
}

/* types: the kernel's; NULL: no function is watched. */
static gboolean is_wanted(const struct bpf_program *program, const struct btf *types)
{
	const char *function = target_of(program), *refusal;
	int id;

	if (!types || !is_of_function(program))
		return !is_of_function(program);
	id = btf__find_by_name_kind(types, function, BTF_KIND_FUNC);
	refusal = id > 0 ? trace_function_refusal((guint32)id) : "this kernel does not have it";
	if (refusal)
		g_info("--track: what %s makes of a packet is not followed: %s", function, refusal);
	return refusal == NULL;
}

/* NULL, with errno, if the kernel does not load them. */
static struct journey_bpf *load(const struct btf *types)
{
	struct journey_bpf *skeleton = journey_bpf__open();
	struct bpf_program *program;
	int result = 0;

	if (!skeleton)
		return NULL;
	bpf_map__set_max_entries(skeleton->maps.xdpshark_journeys, JOURNEYS_MAX);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_buffers, JOURNEYS_MAX);
	bpf_object__for_each_program(program, skeleton->obj)
		bpf_program__set_autoload(program, is_wanted(program, types));
	result = journey_bpf__load(skeleton);
	if (result == 0)
		return skeleton;
	journey_bpf__destroy(skeleton);
	errno = -result;
	return NULL;
}

static struct journey_bpf *load_what_goes(void)
{
	struct btf *types = trace_refusal() ? NULL : btf__load_vmlinux_btf();
	struct journey_bpf *skeleton = types ? load(types) : NULL;

	btf__free(types);
	if (skeleton)
		return skeleton;
	g_info("--track: copies and parts of packets are not followed, since the kernel does not "
	       "let its functions be watched");
	return load(NULL);
}

gboolean journeys_join(GError **error)
{
	struct journey_bpf *skeleton;

	if (journeys.skeleton) {
		journeys.users++;
		return TRUE;
	}
	skeleton = load_what_goes();
	if (!skeleton) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "--track: the kernel does not load the programs that see where packets "
			    "end: %s",
			    g_strerror(errno));
		return FALSE;
	}
	journeys.skeleton = skeleton;
	journeys.links = g_array_new(FALSE, FALSE, sizeof(int));
	g_array_set_clear_func(journeys.links, close_link);
	journeys.users = 1;
	return TRUE;
}

gboolean journeys_share(struct bpf_object *object, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(shared_maps); i++) {
		const struct bpf_map *shared =
			bpf_object__find_map_by_name(journeys.skeleton->obj, shared_maps[i]);
		struct bpf_map *map = bpf_object__find_map_by_name(object, shared_maps[i]);
		int result = bpf_map__reuse_fd(map, bpf_map__fd(shared));

		if (result == 0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot follow packets with the same maps: %s", g_strerror(-result));
		return FALSE;
	}
	return TRUE;
}

/* Programs at a tracepoint are called in the order in which they were attached. */
gboolean journeys_watch(GError **error)
{
	struct bpf_program *program;
	int link;

	g_array_set_size(journeys.links, 0);
	bpf_object__for_each_program(program, journeys.skeleton->obj)
	{
		if (!bpf_program__autoload(program))
			continue;
		link = bpf_raw_tracepoint_open(NULL, bpf_program__fd(program));
		if (link < 0 && is_of_function(program)) {
			g_info("--track: what %s makes of a packet is not followed: %s",
			       target_of(program), g_strerror(errno));
			continue;
		}
		if (link < 0) {
			g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
				    "--track: the kernel does not attach the programs that see "
				    "where packets end: %s",
				    g_strerror(errno));
			return FALSE;
		}
		g_array_append_val(journeys.links, link);
	}
	return TRUE;
}

static guint64 count_present(void)
{
	int map = bpf_map__fd(journeys.skeleton->maps.xdpshark_journeys);
	guint64 address = 0, count = 0;

	while (count <= JOURNEYS_MAX &&
	       bpf_map_get_next_key(map, count ? &address : NULL, &address) == 0)
		count++;
	return count;
}

static void report_lost(void)
{
	int map = bpf_map__fd(journeys.skeleton->maps.xdpshark_travel);
	struct xdpshark_travel travel = { 0 };
	guint64 present = count_present(), kept, known;
	guint32 zero = 0;

	bpf_map_lookup_elem(map, &zero, &travel);
	kept = travel.kept;
	known = travel.ended + present;
	if (kept > known)
		g_message("--track: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			  " packets were followed no further, since more than %d were on their "
			  "way: let the filter match fewer",
			  kept - known, kept, JOURNEYS_MAX);
	if (travel.parted > 0)
		g_message("--track: of %" G_GUINT64_FORMAT " packets only the first %d parts were "
			  "followed",
			  (guint64)travel.parted, XDPSHARK_PARTS_MAX);
}

void journeys_leave(void)
{
	if (--journeys.users > 0)
		return;
	g_array_unref(journeys.links);
	report_lost();
	journey_bpf__destroy(journeys.skeleton);
	journeys.skeleton = NULL;
}
