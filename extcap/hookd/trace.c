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
/* after program_record.h, whose types it uses */
#include "program.skel.h"

/* Other captures look for it there. */
_Static_assert(offsetof(struct program_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

/* As in bpf/program.bpf.c. */
#define RUNS  4
#define PIECE 4096

#define DISPATCHER "bpf_dispatcher_xdp_func"

static struct program_bpf *skeleton_of(const ProgramSet *set)
{
	return set->skeleton;
}

static gpointer open_skeleton(void)
{
	return program_bpf__open();
}

static int load_skeleton(gpointer skeleton)
{
	return program_bpf__load(skeleton);
}

static void destroy_skeleton(gpointer skeleton)
{
	program_bpf__destroy(skeleton);
}

static gboolean is_accepted(const ProgramRequest *request, gconstpointer target)
{
	g_autoptr(ProgramSet) set = trace_load(request, target, NULL);

	return set != NULL;
}

static ProgramSet *open_set(GError **error)
{
	ProgramSet *set = program_set_new(open_skeleton, destroy_skeleton, error);
	struct program_bpf *skeleton;

	if (!set)
		return NULL;
	skeleton = skeleton_of(set);
	set->object = skeleton->obj;
	set->config = (struct xdpshark_config *)&skeleton->rodata->config;
	set->heartbeat = (volatile guint64 *)&skeleton->bss->heartbeat;
	return set;
}

static void configure_target(ProgramSet *set, const TraceTarget *target)
{
	struct program_bpf *skeleton = skeleton_of(set);
	struct xdpshark_program_config *config =
		(struct xdpshark_program_config *)&skeleton->rodata_program->program_config;
	guint64 pages, memory;

	config->ifindex = target->ifindex;
	config->namespace = target->namespace_cookie ? target->namespace_cookie : target->namespace;
	config->actions = target->actions;
	config->dispatcher = target->fd < 0;
	config->at_entry = target->at_entry;
	config->at_exit = target->at_exit;
	config->hold = target->at_entry && target->actions != 0;
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
		[TRACE_ENTRY] = target->at_entry,
		[TRACE_EXIT] = target->at_exit || target->actions != 0,
	};
	struct bpf_program *programs[] = {
		[TRACE_ENTRY] = skeleton->progs.xdpshark_entry,
		[TRACE_EXIT] = skeleton->progs.xdpshark_exit,
	};
	const char *function = target->fd < 0 ? DISPATCHER : target->function;

	for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
		int result;

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
	const struct xdpshark_program_config *config =
		(const struct xdpshark_program_config *)&skeleton->rodata_program->program_config;
	/* Where the verifier sees fragments gathered, it must see room for the longest. */
	guint32 held = config->pages  ? XDPSHARK_SNAPLEN_MAX + PIECE
		       : config->hold ? MAX(reach, set->config->snaplen)
				      : reach;

	codes[XDPSHARK_STUB_BUFFER] = program_set_code(filter);
	program_set_reach(set, filter, reach);
	bpf_map__set_value_size(skeleton->maps.xdpshark_held, held);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_held, set->config->cpus * RUNS);
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
	((struct xdpshark_program_config *)&skeleton_of(set)->rodata_program->program_config)
		->dispatcher = target->fd < 0;
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

void trace_watch(const ProgramSet *set, guint32 program)
{
	struct program_bpf *skeleton = skeleton_of(set);

	__atomic_store_n(&skeleton->bss->watched_program, program, __ATOMIC_RELAXED);
}
