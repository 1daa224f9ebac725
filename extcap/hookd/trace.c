// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kernel_symbol.h"
#include "program_record.h"
#include "xdp_code.h"
/* after program_record.h, whose types it uses */
#include "program.skel.h"

/* Other captures look for it there. */
_Static_assert(offsetof(struct program_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

/* As in bpf/run.bpf.h and bpf/fragments.bpf.h. */
#define RUNS	 4
#define PIECE	 4096
/* As in bpf/view.bpf.h: a short packet is copied within the bounds of that. */
#define VIEW_MIN 72
/* As in bpf/skb_frame.bpf.h. */
#define TAG	 4
/* Each of the two programs has a view of its own. */
#define VIEWS	 2

#define DISPATCHER "bpf_dispatcher_xdp_func"

PROGRAM_SET_SKELETON(program)

static struct xdpshark_program_config *config_of(const ProgramSet *set)
{
	return (struct xdpshark_program_config *)&skeleton_of(set)->rodata_program->program_config;
}

static gboolean is_accepted(const ProgramRequest *request, gconstpointer target)
{
	g_autoptr(ProgramSet) set = trace_load(request, target, NULL);

	return set != NULL;
}

/* Whether a packet is judged for good when it comes in. */
static gboolean is_judged_at_once(const TraceTarget *target)
{
	return target->actions == 0 && target->judged == XDPSHARK_AT_ENTRY;
}

/* Where programs of ours are needed. */
static guint points_needed(const TraceTarget *target)
{
	guint points = target->captured | target->judged;

	return target->actions ? points | XDPSHARK_AT_EXIT : points;
}

/* Whether a packet's record at exit can refer to that at entry. Where programs are watched through
 * the kernel's function, another one may take its place. */
static gboolean leaves_packets(const TraceTarget *target)
{
	gint32 readers[XDP_CODE_READERS];

	return target->captured == (XDPSHARK_AT_ENTRY | XDPSHARK_AT_EXIT) && !target->is_tc &&
	       target->fd >= 0 &&
	       xdp_code_leaves_packet(target->fd, readers, kernel_symbols_find_readers(readers));
}

static void configure_device(struct xdpshark_program_config *config, const TraceTarget *target)
{
	config->way = (guint8)target->way;
	config->ifindex = target->ifindex;
	config->namespace = target->namespace_cookie ? target->namespace_cookie : target->namespace;
	config->ports = target->ports;
	config->only = target->ports ? 0 : target->ifindex;
}

static void configure_target(ProgramSet *set, const TraceTarget *target)
{
	struct program_bpf *skeleton = skeleton_of(set);
	struct xdpshark_program_config *config = config_of(set);
	guint64 pages, memory;

	configure_device(config, target);
	config->actions = target->actions;
	config->dispatcher = target->fd < 0;
	config->program = target->program;
	config->captured = (guint8)target->captured;
	config->judged = (guint8)target->judged;
	config->attached = (guint8)points_needed(target);
	config->leaves = leaves_packets(target);
	config->held = target->captured & XDPSHARK_AT_ENTRY && !is_judged_at_once(target);
	if (!kernel_symbols_find_pages(&pages, &memory))
		g_info("the kernel does not show where its pages are: of frames in fragments only "
		       "the first part is copied");
	config->pages = pages;
	config->memory = memory;
	set->config->names_device = target->namespace_cookie != 0;
	skeleton->bss->watched_program = target->program;
}

/* Which programs are needed, and to which function they are attached. */
static gboolean choose_programs(ProgramSet *set, const TraceTarget *target, GError **error)
{
	const struct program_bpf *skeleton = skeleton_of(set);
	const gboolean wanted[] = {
		[TRACE_ENTRY] = points_needed(target) & XDPSHARK_AT_ENTRY,
		[TRACE_EXIT] = points_needed(target) & XDPSHARK_AT_EXIT,
	};
	struct bpf_program *const of_xdp[] = {
		[TRACE_ENTRY] = skeleton->progs.xdpshark_entry,
		[TRACE_EXIT] = skeleton->progs.xdpshark_exit,
	};
	struct bpf_program *const of_tc[] = {
		[TRACE_ENTRY] = skeleton->progs.xdpshark_tc_entry,
		[TRACE_EXIT] = skeleton->progs.xdpshark_tc_exit,
	};
	struct bpf_program *const *programs = target->is_tc ? of_tc : of_xdp;
	struct bpf_program *const *others = target->is_tc ? of_xdp : of_tc;
	const char *function = target->fd < 0 ? DISPATCHER : target->function;

	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		int result;

		bpf_program__set_autoload(others[i], false);
		bpf_program__set_autoload(programs[i], wanted[i]);
		if (!wanted[i])
			continue;
		set->programs[i] = programs[i];
		result = bpf_program__set_attach_target(programs[i], MAX(target->fd, 0), function);
		if (result < 0) {
			g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
				    "cannot find the function %s: %s", function,
				    g_strerror(-result));
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean load_filter(ProgramSet *set, const ProgramRequest *request,
			    const TraceTarget *target, const struct cbpf_program *filter,
			    guint32 reach, GError **error)
{
	const struct program_bpf *skeleton = skeleton_of(set);
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };
	struct xdpshark_program_config *config = config_of(set);
	/* Where the verifier sees fragments gathered, it must see room for the longest. */
	guint32 view = config->pages || target->is_tc ? TAG + XDPSHARK_SNAPLEN_MAX + PIECE
						      : MAX(reach, VIEW_MIN);
	guint32 held = config->held ? set->config->snaplen : sizeof(guint64);
	guint32 cpus = set->config->cpus;
	gsize runs = bpf_map__value_size(skeleton->maps.xdpshark_runs);

	view = (view + 7) & ~7U;
	config->view = view;
	codes[XDPSHARK_STUB_BUFFER] = program_set_code(filter);
	program_set_reach(set, filter, reach);
	bpf_map__set_value_size(skeleton->maps.xdpshark_held, held);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_held, config->held ? cpus * RUNS : 1);
	bpf_map__set_value_size(skeleton->maps.xdpshark_runs, (guint32)runs + view * VIEWS);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_runs, cpus);
	return program_set_load_all(set, request, codes, load_skeleton, is_accepted, target, error);
}

ProgramSet *trace_load(const ProgramRequest *request, const TraceTarget *target, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);
	struct cbpf_program *filter;
	gboolean loaded;
	guint32 reach;

	if (!set || !program_set_configure(set, request, error) ||
	    !choose_programs(set, target, error))
		return NULL;
	configure_target(set, target);
	filter = program_set_compile_buffer(request, &reach, error);
	if (!filter)
		return NULL;
	loaded = load_filter(set, request, target, filter, reach, error);
	cbpf_program_free(filter);
	return loaded ? g_steal_pointer(&set) : NULL;
}

ProgramSet *trace_load_again(const ProgramSet *first, const ProgramRequest *request,
			     const TraceTarget *target, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };
	struct cbpf_program *filter;
	gboolean loaded;

	if (!set || !choose_programs(set, target, error) ||
	    !program_set_continue(set, first, NULL, error))
		return NULL;
	skeleton_of(set)->rodata_program->program_config =
		skeleton_of(first)->rodata_program->program_config;
	config_of(set)->dispatcher = target->fd < 0;
	config_of(set)->program = target->program;
	config_of(set)->leaves = 0; /* those before have come to their end: see program_set_end() */
	configure_device(config_of(set), target);
	filter = program_set_compile(request, CBPF_ACCESS_BUFFER, set->config->reach, error);
	if (!filter)
		return NULL;
	codes[XDPSHARK_STUB_BUFFER] = program_set_code(filter);
	loaded = program_set_load_all(set, request, codes, load_skeleton, is_accepted, target,
				      error);
	cbpf_program_free(filter);
	return loaded ? g_steal_pointer(&set) : NULL;
}

/* Links by this call end with their descriptor in all kernels. */
static gboolean attach_one(const struct bpf_program *program, int *ret_link, GError **error)
{
	*ret_link = program ? bpf_raw_tracepoint_open(NULL, bpf_program__fd(program)) : -1;
	if (!program || *ret_link >= 0)
		return TRUE;
	if (errno == EBUSY)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_TAKEN,
			    "another program has taken its place (freplace)");
	else
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, "%s", g_strerror(errno));
	return FALSE;
}

/* The end first: it does nothing for a packet whose beginning was not seen. */
gboolean trace_attach(const ProgramSet *set, TraceLinks *ret_links, GError **error)
{
	ret_links->entry = -1;
	if (attach_one(set->programs[TRACE_EXIT], &ret_links->exit, error) &&
	    attach_one(set->programs[TRACE_ENTRY], &ret_links->entry, error))
		return TRUE;
	trace_detach(ret_links);
	return FALSE;
}

void trace_detach(TraceLinks *links)
{
	if (links->entry >= 0)
		close(links->entry);
	if (links->exit >= 0)
		close(links->exit);
	links->entry = links->exit = -1;
}

guint64 trace_skips(const ProgramSet *set)
{
	guint64 sum = 0;

	for (guint i = 0; i < PROGRAM_SET_MAX; i++) {
		struct bpf_prog_info info = { 0 };
		guint32 size = sizeof(info);

		if (set->programs[i] &&
		    bpf_obj_get_info_by_fd(bpf_program__fd(set->programs[i]), &info, &size) == 0)
			sum += info.recursion_misses;
	}
	return sum;
}

void trace_count_skips(const ProgramSet *set, guint64 skips)
{
	const Rings *rings = program_set_rings(set);
	guint32 last = rings->cpu_count - 1;
	struct xdpshark_cpu state;

	if (skips == 0)
		return;
	if (bpf_map_lookup_elem(rings->cpus, &last, &state) == 0) {
		state.outcomes[XDPSHARK_SLOT_SKIPPED][XDPSHARK_LOST_NO_RING] += skips;
		if (bpf_map_update_elem(rings->cpus, &last, &state, BPF_ANY) == 0)
			return;
	}
	g_warning("cannot count %" G_GUINT64_FORMAT " lost packets: %s", skips, g_strerror(errno));
}

void trace_watch(const ProgramSet *set, guint32 program)
{
	struct program_bpf *skeleton = skeleton_of(set);

	__atomic_store_n(&skeleton->bss->watched_program, program, __ATOMIC_RELAXED);
}
