// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_trace.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kernel_symbol.h"
#include "xdp_program.h"
/* after kernel_record.h, whose types it uses */
#include "kernel.skel.h"

/* Other captures look for it there. */
_Static_assert(offsetof(struct kernel_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

#define TRACEPOINT "kfree_skb"

/* As in bpf/skb_sighting.bpf.h, bpf/skb_frame.bpf.h and bpf/skb_capture.bpf.h. */
#define LEVELS 2
#define FRONT  64
#define PIECE  16384

/* In ProgramSet.programs. */
enum { KERNEL_PROGRAM };

PROGRAM_SET_SKELETON(kernel)

/* What is loaded. */
typedef struct {
	const struct xdpshark_kernel_config *wanted;
	const KernelTarget *target; /* NULL: where packets are dropped */
	const ProgramSet *first;    /* whose maps it shares; NULL: it has its own */
	enum xdpshark_fragments fragments;
} Loading;

static ProgramSet *load(const ProgramRequest *request, const Loading *loading, GError **error);

static gboolean is_accepted(const ProgramRequest *request, gconstpointer loading)
{
	g_autoptr(ProgramSet) set = load(request, loading, NULL);

	return set != NULL;
}

static gboolean has_snprintf(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_snprintf,
						NULL);
	return known == 1;
}

static void configure_kernel(ProgramSet *set, const Loading *loading)
{
	struct xdpshark_kernel_config *config =
		(struct xdpshark_kernel_config *)&skeleton_of(set)->rodata_kernel->kernel_config;
	guint64 pages = 0, memory = 0;

	*config = *loading->wanted;
	config->names_places = has_snprintf();
	config->fragments = loading->fragments;
	if (loading->fragments == XDPSHARK_FRAGMENTS_WALK)
		kernel_symbols_find_pages(&pages, &memory);
	config->pages = pages;
	config->memory = memory;
	if (loading->target) {
		config->argument = loading->target->argument;
		config->point = loading->target->number;
	}
	set->config->names_device = TRUE;
}

/* NULL: where packets are dropped. */
static gboolean choose_program(ProgramSet *set, const KernelTarget *target, GError **error)
{
	const struct kernel_bpf *skeleton = skeleton_of(set);
	struct bpf_program *program =
		target ? skeleton->progs.xdpshark_point : skeleton->progs.xdpshark_drop;
	struct bpf_program *other =
		target ? skeleton->progs.xdpshark_drop : skeleton->progs.xdpshark_point;
	const char *name = target ? target->name : TRACEPOINT;
	int result;

	bpf_program__set_autoload(other, false);
	if (target && target->is_tracepoint)
		bpf_program__set_expected_attach_type(program, BPF_TRACE_RAW_TP);
	result = bpf_program__set_attach_target(program, 0, name);
	set->programs[KERNEL_PROGRAM] = program;
	if (result == 0)
		return TRUE;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, "cannot find %s: %s", name,
		    g_strerror(-result));
	return FALSE;
}

static gboolean load_filter(ProgramSet *set, const ProgramRequest *request, const Loading *loading,
			    const struct cbpf_program *filter, guint32 reach, GError **error)
{
	const struct kernel_bpf *skeleton = skeleton_of(set);
	SpliceCode codes[XDPSHARK_STUBS] = { 0 };

	codes[XDPSHARK_STUB_BUFFER] = program_set_code(filter);
	program_set_reach(set, filter, reach);
	if (!loading->first) {
		bpf_map__set_value_size(skeleton->maps.xdpshark_frames,
					FRONT + MAX(reach, set->config->snaplen) + PIECE);
		bpf_map__set_max_entries(skeleton->maps.xdpshark_frames,
					 set->config->cpus * LEVELS);
	}
	return program_set_load_all(set, request, codes, load_skeleton, is_accepted, loading,
				    error);
}

/* The rings are planned, or those of the first one. */
static gboolean prepare(ProgramSet *set, const ProgramRequest *request, const Loading *loading,
			GError **error)
{
	return loading->first ? program_set_continue(set, loading->first, NULL, error)
			      : program_set_configure(set, request, error);
}

static ProgramSet *load(const ProgramRequest *request, const Loading *loading, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);
	struct cbpf_program *filter;
	gboolean loaded;
	guint32 reach;

	if (!set || !prepare(set, request, loading, error) ||
	    !choose_program(set, loading->target, error))
		return NULL;
	configure_kernel(set, loading);
	filter = program_set_compile_buffer(request, &reach, error);
	if (!filter)
		return NULL;
	loaded = load_filter(set, request, loading, filter, reach, error);
	cbpf_program_free(filter);
	return loaded ? g_steal_pointer(&set) : NULL;
}

/* Which of them a kernel accepts, only a program shows; the next ones like it begin with that. */
ProgramSet *kernel_trace_load(const ProgramRequest *request,
			      const struct xdpshark_kernel_config *wanted,
			      const KernelTarget *target, const ProgramSet *first, GError **error)
{
	static enum xdpshark_fragments accepted[KERNEL_TARGET_KINDS];
	enum xdpshark_fragments *last = &accepted[kernel_target_kind(target)];
	Loading loading = { wanted, target, first, *last };
	GError *reason = NULL;
	ProgramSet *set;

	while (!(set = load(request, &loading, &reason)) &&
	       loading.fragments != XDPSHARK_FRAGMENTS_NOT) {
		g_debug("fragments, by %u: %s", loading.fragments, reason->message);
		g_clear_error(&reason);
		loading.fragments++;
	}
	if (!set) {
		g_propagate_error(error, reason);
		return NULL;
	}
	if (loading.fragments == XDPSHARK_FRAGMENTS_NOT && *last != loading.fragments)
		g_info("the kernel does not let such programs read fragments (6.12 does): of "
		       "packets in fragments only the first part is copied");
	*last = loading.fragments;
	return set;
}

int kernel_trace_attach(const ProgramSet *set, GError **error)
{
	int link = bpf_raw_tracepoint_open(NULL, bpf_program__fd(set->programs[KERNEL_PROGRAM]));

	if (link < 0)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not attach the program: %s", g_strerror(errno));
	return link;
}

guint64 kernel_trace_missed(const ProgramSet *set)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
	int program = bpf_program__fd(set->programs[KERNEL_PROGRAM]);

	/* From 5.12 on. */
	return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.recursion_misses : 0;
}

void kernel_trace_visit(const ProgramSet *set, KernelPlaceVisitor *visit, gpointer data)
{
	int map = bpf_map__fd(skeleton_of(set)->maps.xdpshark_places);
	struct xdpshark_place place;
	guint64 address = 0;
	gboolean first = TRUE;

	while (bpf_map_get_next_key(map, first ? NULL : &address, &address) == 0) {
		first = FALSE;
		if (bpf_map_lookup_elem(map, &address, &place) == 0)
			visit(address, &place, data);
	}
}

static const char *try_to_load(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int id = libbpf_find_vmlinux_btf_id(TRACEPOINT, BPF_TRACE_RAW_TP);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP,
		    .attach_btf_id = id > 0 ? (guint32)id : 0);
	int fd;

	if (id <= 0)
		return "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF), or it cannot be read";
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, KIND_PROBE, "GPL", insns, G_N_ELEMENTS(insns),
			   &options);
	if (fd < 0)
		return "this kernel does not allow programs at its tracepoints (tp_btf)";
	close(fd);
	return NULL;
}

const char *kernel_trace_refusal(void)
{
	static const char *refusal;
	static gsize asked;

	if (g_once_init_enter(&asked)) {
		refusal = try_to_load();
		g_once_init_leave(&asked, 1);
	}
	return refusal;
}
