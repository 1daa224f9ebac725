// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_programs.h"

#include <unistd.h>

#include "kernel_function.h"
#include "kernel_probe.h"
#include "kernel_trace.h"
#include "trace.h"

/* So many functions get a program each, which costs less for each packet than a shared one. If
 * there are no more targets at all, each may take the verifier long. */
#define FEW 4

/* Programs at most. */
#define PROGRAMS_MAX 64

/* What fails is a line; many of them are no more use than some. */
#define FAILURES_SHOWN 3

#define NO_PROBES "this kernel allows no programs at so many functions (kprobe.multi, kprobe)"

typedef struct {
	const KernelTarget *target; /* NULL: where packets are dropped */
	int program;		    /* its descriptor */
} Typed;

struct KernelPrograms {
	const char *address;
	const GPtrArray *targets;
	const ProgramSet *first;		       /* has the maps */
	GPtrArray *sets;			       /* ProgramSet *, but the first */
	const ProgramSet *models[KERNEL_TARGET_KINDS]; /* of which others of the kind are copies */
	GArray *typed;				       /* Typed, with a program each */
	GArray *copies;				       /* descriptors of those that are copies */
	GPtrArray *sharing;	  /* KernelTarget * that share the program of: */
	const ProgramSet *shared; /* NULL: none do */
	gboolean drops;
	guint failures;
	GError *last_failure;
};

/* What is loaded. */
typedef struct {
	KernelPrograms *programs;
	const ProgramRequest *request;
	const struct xdpshark_kernel_config *wanted;
	ProgramSet *first;
} Loading;

static void close_descriptor(gpointer descriptor)
{
	close(*(const int *)descriptor);
}

KernelPrograms *kernel_programs_new(const char *address, const GPtrArray *targets, gboolean drops)
{
	KernelPrograms *programs = g_new0(KernelPrograms, 1);

	programs->address = address;
	programs->targets = targets;
	programs->drops = drops;
	programs->sets = g_ptr_array_new_with_free_func((GDestroyNotify)program_set_free);
	programs->typed = g_array_new(FALSE, FALSE, sizeof(Typed));
	programs->copies = g_array_new(FALSE, FALSE, sizeof(int));
	g_array_set_clear_func(programs->copies, close_descriptor);
	programs->sharing = g_ptr_array_new();
	return programs;
}

void kernel_programs_free(KernelPrograms *programs)
{
	if (!programs)
		return;
	g_array_unref(programs->copies);
	g_array_unref(programs->typed);
	g_ptr_array_unref(programs->sharing);
	g_ptr_array_unref(programs->sets);
	g_clear_error(&programs->last_failure);
	g_free(programs);
}

static void add_failure(KernelPrograms *programs, const KernelTarget *target, const GError *error)
{
	if (++programs->failures <= FAILURES_SHOWN)
		g_message("kernel:%s is left out: %s", target ? target->name : "drops",
			  error->message);
	g_clear_error(&programs->last_failure);
	programs->last_failure = g_error_copy(error);
}

static void refuse(KernelPrograms *programs, const KernelTarget *target, const char *why)
{
	g_autoptr(GError) error = g_error_new_literal(PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, why);

	add_failure(programs, target, error);
}

/* FALSE with the last error if nothing is left. */
static gboolean settle_failures(KernelPrograms *programs, gboolean all, GError **error)
{
	if (programs->failures > FAILURES_SHOWN)
		g_message("kernel:%s: %u others are left out, the last one: %s", programs->address,
			  programs->failures - FAILURES_SHOWN, programs->last_failure->message);
	programs->failures = 0;
	if (!all) {
		g_clear_error(&programs->last_failure);
		return TRUE;
	}
	g_propagate_prefixed_error(error, g_steal_pointer(&programs->last_failure),
				   "kernel:%s cannot be captured: ", programs->address);
	return FALSE;
}

/* The first set brings the maps. */
static void keep_set(Loading *loading, ProgramSet *set)
{
	if (loading->first)
		g_ptr_array_add(loading->programs->sets, set);
	else
		loading->first = set;
}

static guint count_kind(const GPtrArray *targets, gboolean are_tracepoints)
{
	guint count = 0;

	for (guint i = 0; i < targets->len; i++)
		count += ((const KernelTarget *)g_ptr_array_index(targets, i))->is_tracepoint ==
			 are_tracepoints;
	return count;
}

/* Its descriptor, or -1 with error. */
static int load_typed(Loading *loading, const KernelTarget *target, GError **error)
{
	KernelPrograms *programs = loading->programs;
	const ProgramSet **model = &programs->models[kernel_target_kind(target)];
	ProgramSet *set;
	int copy;

	if (*model) {
		copy = kernel_trace_copy(*model, target, error);
		if (copy >= 0)
			g_array_append_val(programs->copies, copy);
		return copy;
	}
	set = kernel_trace_load(loading->request, loading->wanted, target,
				programs->targets->len <= FEW, loading->first, error);
	if (!set)
		return -1;
	*model = set;
	keep_set(loading, set);
	return kernel_set_program(set);
}

static gboolean add_typed(Loading *loading, const KernelTarget *target, GError **error)
{
	Typed typed = { target, -1 };

	if (loading->programs->typed->len >= PROGRAMS_MAX) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "more than %d programs; name fewer", PROGRAMS_MAX);
		return FALSE;
	}
	typed.program = load_typed(loading, target, error);
	if (typed.program >= 0)
		g_array_append_val(loading->programs->typed, typed);
	return typed.program >= 0;
}

static void load_drops(Loading *loading)
{
	g_autoptr(GError) reason = NULL;
	Typed typed = { NULL, -1 };
	ProgramSet *set = kernel_trace_load(loading->request, loading->wanted, NULL, TRUE,
					    loading->first, &reason);

	if (!set) {
		add_failure(loading->programs, NULL, reason);
		return;
	}
	keep_set(loading, set);
	typed.program = kernel_set_program(set);
	g_array_append_val(loading->programs->typed, typed);
}

static gboolean share_tracepoints(const GPtrArray *targets)
{
	return count_kind(targets, TRUE) > FEW && kernel_probe_takes_tracepoints();
}

static void load_tracepoints(Loading *loading)
{
	const GPtrArray *targets = loading->programs->targets;

	if (share_tracepoints(targets))
		return;
	for (guint i = 0; i < targets->len; i++) {
		const KernelTarget *target = g_ptr_array_index(targets, i);
		g_autoptr(GError) reason = NULL;

		if (target->is_tracepoint && !add_typed(loading, target, &reason))
			add_failure(loading->programs, target, reason);
	}
}

/* Those that shall share a program: all that do not get one of their own. */
static GPtrArray *load_functions(Loading *loading)
{
	const GPtrArray *targets = loading->programs->targets;
	gboolean shares = kernel_probe_kind() != KERNEL_PROBE_NONE;
	const char *refusal = trace_refusal();
	GPtrArray *rest = g_ptr_array_new();

	if (!refusal && shares && count_kind(targets, FALSE) > FEW)
		refusal = "these are many";
	for (guint i = 0; i < targets->len; i++) {
		KernelTarget *target = g_ptr_array_index(targets, i);
		g_autoptr(GError) reason = NULL;
		gboolean is_done = target->is_tracepoint;

		if (is_done && share_tracepoints(targets))
			g_ptr_array_add(rest, target);
		if (!is_done && !refusal && !target->is_indirect)
			is_done = add_typed(loading, target, &reason);
		if (is_done)
			continue;
		if (shares)
			g_ptr_array_add(rest, target);
		else if (reason)
			add_failure(loading->programs, target, reason);
		else
			refuse(loading->programs, target, refusal ? refusal : NO_PROBES);
	}
	return rest;
}

/* NULL: it can be watched. */
static const char *refusal_of(const KernelTarget *target, guint before)
{
	if (target->is_tracepoint)
		return NULL;
	if (!target->symbol)
		return "the compiler has built it into others, or has changed its arguments";
	if (target->fixed)
		return "the kernel does not let it be traced";
	if (target->address == 0 && kernel_probe_needs_addresses())
		return "the kernel does not show its address to members of the capture group";
	if (kernel_probe_kind() == KERNEL_PROBE_SINGLE && before >= KERNEL_PROBE_SINGLE_MAX)
		return "this kernel attaches to one function after the other (that of 5.18 with "
		       "CONFIG_FPROBE to all at once), to " G_STRINGIFY(
			       KERNEL_PROBE_SINGLE_MAX) " at most";
	return NULL;
}

/* Names of modules' functions are not known to all kernels that take those of others. */
static gint compare_modules(gconstpointer left, gconstpointer right)
{
	const KernelTarget *const *a = left, *const *b = right;

	return ((*a)->module != NULL) - ((*b)->module != NULL);
}

static void load_shared(Loading *loading, GPtrArray *rest)
{
	KernelPrograms *programs = loading->programs;
	g_autoptr(GError) reason = NULL;
	ProgramSet *set;

	if (rest->len == 0)
		return;
	kernel_functions_locate(rest);
	g_ptr_array_sort(rest, compare_modules);
	for (guint i = 0; i < rest->len; i++) {
		KernelTarget *target = g_ptr_array_index(rest, i);
		const char *refusal = refusal_of(target, programs->sharing->len);

		if (refusal)
			refuse(programs, target, refusal);
		else
			g_ptr_array_add(programs->sharing, target);
	}
	if (programs->sharing->len == 0)
		return;
	set = kernel_probe_load(loading->request, loading->wanted, programs->sharing,
				loading->first, &reason);
	if (set) {
		programs->shared = set;
		keep_set(loading, set);
		return;
	}
	for (guint i = 0; i < programs->sharing->len; i++)
		add_failure(programs, g_ptr_array_index(programs->sharing, i), reason);
	g_ptr_array_set_size(programs->sharing, 0);
}

ProgramSet *kernel_programs_load(KernelPrograms *programs, const ProgramRequest *request,
				 const struct xdpshark_kernel_config *wanted, GError **error)
{
	Loading loading = { programs, request, wanted, NULL };
	g_autoptr(GPtrArray) rest = NULL;

	load_tracepoints(&loading);
	if (programs->drops)
		load_drops(&loading);
	rest = load_functions(&loading);
	load_shared(&loading, rest);
	programs->first = loading.first;
	return settle_failures(programs, !loading.first, error) ? loading.first : NULL;
}

static void attach_typed(KernelPrograms *programs, GArray *links)
{
	for (guint i = 0; i < programs->typed->len; i++) {
		const Typed *typed = &g_array_index(programs->typed, Typed, i);
		g_autoptr(GError) reason = NULL;
		int link = kernel_trace_attach(typed->program, &reason);

		if (link >= 0)
			g_array_append_val(links, link);
		else
			add_failure(programs, typed->target, reason);
	}
}

static void note_failure(const KernelTarget *target, const GError *error, gpointer data)
{
	add_failure(data, target, error);
}

gboolean kernel_programs_attach(KernelPrograms *programs, GArray *links, GError **error)
{
	static const char *const kinds[] = {
		[KERNEL_PROBE_NONE] = "no functions",
		[KERNEL_PROBE_SINGLE] = "kprobes",
		[KERNEL_PROBE_MULTI] = "kprobe.multi",
	};
	gint64 began = g_get_monotonic_time();
	guint tracepoints;

	attach_typed(programs, links);
	if (programs->shared)
		kernel_probe_attach(programs->shared, programs->sharing, links, note_failure,
				    programs);
	tracepoints = count_kind(programs->sharing, TRUE);
	g_info("kernel:%s: %u with a program each, %u tracepoints that share one, %u functions by "
	       "%s, %u left out; attached in %.3f s",
	       programs->address, programs->typed->len, tracepoints,
	       programs->sharing->len - tracepoints,
	       kinds[programs->shared ? kernel_probe_kind() : KERNEL_PROBE_NONE],
	       programs->targets->len + (programs->drops ? 1 : 0) - programs->typed->len -
		       programs->sharing->len,
	       (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC);
	return settle_failures(programs, links->len == 0, error);
}

guint64 kernel_programs_missed(const KernelPrograms *programs)
{
	guint64 missed = programs->shared ? kernel_set_missed(programs->shared) : 0;

	for (guint i = 0; i < programs->typed->len; i++)
		missed += kernel_program_missed(g_array_index(programs->typed, Typed, i).program);
	return missed;
}
