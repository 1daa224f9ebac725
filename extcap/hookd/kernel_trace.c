// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_trace.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kernel_symbol.h"
#include "kernel_type.h"
#include "xdp_program.h"
/* after kernel_record.h, whose types it uses */
#include "kernel.skel.h"

/* Other captures look for it there. */
_Static_assert(offsetof(struct kernel_bpf__rodata, config.identity) == 0,
	       "the identity is at the start of the read-only data");

#define TRACEPOINT "kfree_skb"

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

/* NULL: where packets are dropped. */
static struct bpf_program *choose_program(const ProgramSet *set, const KernelTarget *target)
{
	const struct kernel_bpf *skeleton = skeleton_of(set);
	struct bpf_program *other =
		target ? skeleton->progs.xdpshark_drop : skeleton->progs.xdpshark_point;

	bpf_program__set_autoload(other, false);
	return target ? skeleton->progs.xdpshark_point : skeleton->progs.xdpshark_drop;
}

static gboolean aim(ProgramSet *set, const KernelTarget *target, GError **error)
{
	struct bpf_program *program = choose_program(set, target);
	const char *name = target ? target->name : TRACEPOINT;
	int result;

	if (target && target->is_tracepoint)
		bpf_program__set_expected_attach_type(program, BPF_TRACE_RAW_TP);
	result = bpf_program__set_attach_target(program, 0, name);
	if (result == 0 && target)
		result = kernel_program_mark(program, kernel_target_pack(target));
	set->programs[KERNEL_PROGRAM] = program;
	if (result == 0)
		return TRUE;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, "cannot find %s: %s", name,
		    g_strerror(-result));
	return FALSE;
}

static ProgramSet *load(const ProgramRequest *request, const Loading *loading, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);
	struct xdpshark_kernel_config *config =
		set ? (void *)&skeleton_of(set)->rodata_kernel->kernel_config : NULL;

	if (!set ||
	    !kernel_set_prepare(set, request, loading->first, NULL, config, loading->wanted, error))
		return NULL;
	kernel_set_read_fragments(config, loading->fragments);
	if (!aim(set, loading->target, error) ||
	    !kernel_set_load(set, request, loading->first, load_skeleton, is_accepted, loading,
			     error))
		return NULL;
	return g_steal_pointer(&set);
}

/* The next one that may be tried. */
static enum xdpshark_fragments fragments_after(enum xdpshark_fragments how, gboolean walks)
{
	return how == XDPSHARK_FRAGMENTS_BY_KERNEL && walks ? XDPSHARK_FRAGMENTS_WALK
							    : XDPSHARK_FRAGMENTS_NOT;
}

/* Which of them a kernel accepts, only a program shows; the next ones like it begin with that. */
ProgramSet *kernel_trace_load(const ProgramRequest *request,
			      const struct xdpshark_kernel_config *wanted,
			      const KernelTarget *target, gboolean walks, const ProgramSet *first,
			      GError **error)
{
	static enum xdpshark_fragments accepted[KERNEL_TARGET_KINDS][2];
	enum xdpshark_fragments *last = &accepted[kernel_target_kind(target)][walks != 0];
	Loading loading = { wanted, target, first, *last };
	GError *reason = NULL;
	ProgramSet *set;

	while (!(set = load(request, &loading, &reason)) &&
	       loading.fragments != XDPSHARK_FRAGMENTS_NOT) {
		g_debug("fragments, by %u: %s", loading.fragments, reason->message);
		g_clear_error(&reason);
		loading.fragments = fragments_after(loading.fragments, walks);
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

int kernel_trace_copy(const ProgramSet *set, const KernelTarget *target, GError **error)
{
	const struct bpf_program *program = set->programs[KERNEL_PROGRAM];
	g_autofree struct bpf_insn *insns =
		kernel_program_insns(program, kernel_target_pack(target));
	guint32 size;
	int module = target->module ? kernel_btf_open(target->module, &size) : 0, fd;
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		    .expected_attach_type =
			    target->is_tracepoint ? BPF_TRACE_RAW_TP : BPF_TRACE_FENTRY,
		    .attach_btf_id = target->type,
		    .attach_btf_obj_fd = module > 0 ? (guint32)module : 0);

	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, bpf_program__name(program), "GPL", insns,
			   bpf_program__insn_cnt(program), &options);
	if (fd < 0)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not load the program: %s", g_strerror(errno));
	if (module > 0)
		close(module);
	return fd;
}

int kernel_trace_attach(int program, GError **error)
{
	int link = bpf_raw_tracepoint_open(NULL, program);

	if (link < 0)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not attach the program: %s", g_strerror(errno));
	return link;
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
