// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_probe.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "xdp_program.h"
/* after kernel_record.h, whose types it uses */
#include "kprobe.skel.h"

#define OWN_MAP	   "xdpshark_targets"
#define PROBE_TYPE "/sys/bus/event_source/devices/kprobe/type"

/* A function of the kernel that does nothing, and is there to be traced (net/bpf/test_run.c). */
#define PROBED "bpf_fentry_test1"

/* One function that cannot be traced would keep out all others: their list is parted until it
 * stands alone. Each part is a link, and each link takes time to be taken back. */
#define LINKS_MAX 64

PROGRAM_SET_SKELETON(kprobe)

/* What is loaded. */
typedef struct {
	const struct xdpshark_kernel_config *wanted;
	const GPtrArray *targets;
	const ProgramSet *first; /* whose maps it shares; NULL: it has its own */
	enum xdpshark_fragments fragments;
} Loading;

/* What is attached. */
typedef struct {
	int program;
	const GPtrArray *targets;	/* functions */
	const unsigned long *addresses; /* these of each target; NULL: names are used */
	const char **symbols;
	const guint64 *cookies;
	GArray *links;
	KernelProbeFailed *failed;
	gpointer data;
} Attaching;

static ProgramSet *load(const ProgramRequest *request, const Loading *loading, GError **error);

static gboolean is_accepted(const ProgramRequest *request, gconstpointer loading)
{
	g_autoptr(ProgramSet) set = load(request, loading, NULL);

	return set != NULL;
}

static guint32 read_probe_type(void)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(PROBE_TYPE, &text, NULL, NULL))
		return 0;
	return (guint32)g_ascii_strtoull(text, NULL, 10);
}

/* Descriptor of the event, which is not enabled yet, or -1. address: 0 for the name. */
static int open_event(const char *symbol, guint64 address)
{
	static guint32 type;
	struct perf_event_attr attributes = {
		.size = sizeof(attributes),
		.config1 = address ? 0 : (guintptr)symbol,
		.config2 = address,
	};

	if (type == 0)
		type = read_probe_type();
	attributes.type = type;
	if (type == 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static int link_multi(int program, guint count, const char **symbols,
		      const unsigned long *addresses, const guint64 *cookies)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .kprobe_multi.cnt = count,
		    .kprobe_multi.syms = addresses ? NULL : symbols,
		    .kprobe_multi.addrs = addresses,
		    .kprobe_multi.cookies = (const __u64 *)cookies);

	return bpf_link_create(program, 0, BPF_TRACE_KPROBE_MULTI, &options);
}

static int load_nothing(enum bpf_attach_type type)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = type);

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, KIND_PROBE, "GPL", insns, G_N_ELEMENTS(insns),
			     &options);
}

static KernelProbeKind try_all(void)
{
	int program = load_nothing(BPF_TRACE_KPROBE_MULTI), link = -1;
	const char *symbol = PROBED;

	if (program >= 0) {
		link = link_multi(program, 1, &symbol, NULL, NULL);
		close(program);
	}
	if (link >= 0) {
		close(link);
		return KERNEL_PROBE_MULTI;
	}
	link = open_event(PROBED, 0);
	if (link < 0)
		return KERNEL_PROBE_NONE;
	close(link);
	return KERNEL_PROBE_SINGLE;
}

KernelProbeKind kernel_probe_kind(void)
{
	static KernelProbeKind kind;
	static gsize asked;

	if (g_once_init_enter(&asked)) {
		kind = try_all();
		g_once_init_leave(&asked, 1);
	}
	return kind;
}

gboolean kernel_probe_takes_tracepoints(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT,
						BPF_FUNC_get_attach_cookie, NULL) == 1;
	return known;
}

static gboolean has_cookies(void)
{
	static int known = -1;

	if (known < 0)
		known = kernel_probe_kind() == KERNEL_PROBE_MULTI ||
			libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_attach_cookie,
						NULL) == 1;
	return known;
}

gboolean kernel_probe_needs_addresses(void)
{
	return !has_cookies();
}

static gboolean set_targets(const ProgramSet *set, const GPtrArray *targets, GError **error)
{
	int map = bpf_map__fd(skeleton_of(set)->maps.xdpshark_targets);

	for (guint i = 0; i < targets->len; i++) {
		const KernelTarget *target = g_ptr_array_index(targets, i);
		guint32 packed = kernel_target_pack(target);

		if (bpf_map_update_elem(map, &target->address, &packed, BPF_ANY) == 0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot note where functions are: %s", g_strerror(errno));
		return FALSE;
	}
	return TRUE;
}

static const KernelTarget *first_tracepoint(const GPtrArray *targets)
{
	for (guint i = 0; i < targets->len; i++)
		if (((const KernelTarget *)g_ptr_array_index(targets, i))->is_tracepoint)
			return g_ptr_array_index(targets, i);
	return NULL;
}

static gboolean have_function(const GPtrArray *targets)
{
	for (guint i = 0; i < targets->len; i++)
		if (!((const KernelTarget *)g_ptr_array_index(targets, i))->is_tracepoint)
			return TRUE;
	return FALSE;
}

/* Those that any target needs. That for tracepoints is for the argument of the first one. */
static void choose_programs(ProgramSet *set, const GPtrArray *targets)
{
	struct bpf_program *function = skeleton_of(set)->progs.xdpshark_function;
	struct bpf_program *tracepoint = skeleton_of(set)->progs.xdpshark_tracepoint;
	const KernelTarget *first = first_tracepoint(targets);

	if (kernel_probe_kind() == KERNEL_PROBE_MULTI)
		bpf_program__set_expected_attach_type(function, BPF_TRACE_KPROBE_MULTI);
	set->programs[KERNEL_PROGRAM] = have_function(targets) ? function : NULL;
	set->programs[KERNEL_TRACEPOINT] = first ? tracepoint : NULL;
	bpf_program__set_autoload(function, set->programs[KERNEL_PROGRAM] != NULL);
	bpf_program__set_autoload(tracepoint, first != NULL);
	if (first)
		kernel_program_mark(tracepoint, first->argument);
}

static ProgramSet *load(const ProgramRequest *request, const Loading *loading, GError **error)
{
	g_autoptr(ProgramSet) set = open_set(error);
	const struct kprobe_bpf *skeleton = set ? skeleton_of(set) : NULL;
	struct xdpshark_kernel_config *config =
		set ? (void *)&skeleton->rodata_kernel->kernel_config : NULL;

	if (!set || !kernel_set_prepare(set, request, loading->first, OWN_MAP, config,
					loading->wanted, error))
		return NULL;
	kernel_set_read_fragments(config, loading->fragments);
	config->has_cookies = has_cookies();
	if (!config->has_cookies)
		bpf_map__set_max_entries(skeleton->maps.xdpshark_targets, loading->targets->len);
	choose_programs(set, loading->targets);
	if (!kernel_set_load(set, request, loading->first, load_skeleton, is_accepted, loading,
			     error) ||
	    (!config->has_cookies && !set_targets(set, loading->targets, error)))
		return NULL;
	return g_steal_pointer(&set);
}

ProgramSet *kernel_probe_load(const ProgramRequest *request,
			      const struct xdpshark_kernel_config *wanted, const GPtrArray *targets,
			      const ProgramSet *first, GError **error)
{
	/* What reads them for a program wants one of the kernel's own pointers. */
	Loading loading = { wanted, targets, first, XDPSHARK_FRAGMENTS_WALK };
	g_autoptr(GError) reason = NULL;
	ProgramSet *set = load(request, &loading, &reason);

	if (set)
		return set;
	g_debug("fragments, by %u: %s", loading.fragments, reason->message);
	loading.fragments = XDPSHARK_FRAGMENTS_NOT;
	return load(request, &loading, error);
}

static void report_target(const Attaching *attaching, const KernelTarget *target, int reason)
{
	g_autoptr(GError) error =
		g_error_new(PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not attach the program: %s", g_strerror(reason));

	attaching->failed(target, error, attaching->data);
}

static void report(const Attaching *attaching, guint index, int reason)
{
	report_target(attaching, g_ptr_array_index(attaching->targets, index), reason);
}

/* Whether fewer functions would be attached. */
static gboolean is_of_one(int reason)
{
	static const int of_all[] = { EPERM, EACCES, EOPNOTSUPP, ENOMEM, EMFILE, ENFILE };

	for (guint i = 0; i < G_N_ELEMENTS(of_all); i++)
		if (reason == of_all[i])
			return FALSE;
	return TRUE;
}

static void attach_multi(const Attaching *attaching, guint from, guint count)
{
	const unsigned long *addresses = attaching->addresses;
	int link, reason;

	if (count == 0)
		return;
	link = link_multi(attaching->program, count, attaching->symbols + from,
			  addresses ? addresses + from : NULL, attaching->cookies + from);
	if (link >= 0) {
		g_array_append_val(attaching->links, link);
		return;
	}
	reason = errno;
	if (count > 1 && is_of_one(reason) && attaching->links->len < LINKS_MAX) {
		attach_multi(attaching, from, count / 2);
		attach_multi(attaching, from + count / 2, count - count / 2);
		return;
	}
	for (guint i = from; i < from + count; i++)
		report(attaching, i, reason);
}

/* Returns 0 or an errno. The event ends with its descriptor, a link with both. */
static int attach_event(const Attaching *attaching, int event, guint64 cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .perf_event.bpf_cookie = cookie);
	int link;

	if (!has_cookies())
		return ioctl(event, PERF_EVENT_IOC_SET_BPF, attaching->program) < 0 ? errno : 0;
	link = bpf_link_create(attaching->program, event, BPF_PERF_EVENT, &options);
	if (link < 0)
		return errno;
	g_array_append_val(attaching->links, link);
	return 0;
}

static void attach_single(const Attaching *attaching, guint index)
{
	const KernelTarget *target = g_ptr_array_index(attaching->targets, index);
	int event = open_event(target->symbol, target->address);
	int reason = event < 0 ? errno : attach_event(attaching, event, attaching->cookies[index]);

	if (reason == 0 && ioctl(event, PERF_EVENT_IOC_ENABLE, 0) < 0)
		reason = errno;
	if (reason != 0) {
		report(attaching, index, reason);
		if (event >= 0)
			close(event);
		return;
	}
	g_array_append_val(attaching->links, event);
}

/* Of a member all addresses are 0, or none is. */
static gboolean know_addresses(const GPtrArray *targets)
{
	for (guint i = 0; i < targets->len; i++)
		if (((const KernelTarget *)g_ptr_array_index(targets, i))->address == 0)
			return FALSE;
	return TRUE;
}

static void attach_functions(Attaching *attaching)
{
	const GPtrArray *targets = attaching->targets;
	g_autofree unsigned long *addresses = g_new(unsigned long, targets->len);
	g_autofree const char **symbols = g_new(const char *, targets->len);
	g_autofree guint64 *cookies = g_new(guint64, targets->len);

	for (guint i = 0; i < targets->len; i++) {
		const KernelTarget *target = g_ptr_array_index(targets, i);

		addresses[i] = (unsigned long)target->address;
		symbols[i] = target->symbol;
		cookies[i] = kernel_target_pack(target);
	}
	attaching->addresses = know_addresses(targets) ? addresses : NULL;
	attaching->symbols = symbols;
	attaching->cookies = cookies;
	if (kernel_probe_kind() == KERNEL_PROBE_MULTI)
		attach_multi(attaching, 0, targets->len);
	for (guint i = 0; kernel_probe_kind() == KERNEL_PROBE_SINGLE && i < targets->len; i++)
		attach_single(attaching, i);
}

static int open_tracepoint(int program, const KernelTarget *target)
{
	/* As BPF_RAW_TRACEPOINT_OPEN takes them: headers of kernels before 6.10 lack the cookie. */
	struct {
		guint64 name;
		guint32 program;
		guint32 reserved;
		guint64 cookie;
	} attributes = { (guintptr)target->name, (guint32)program, 0, kernel_target_pack(target) };

	return (int)syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attributes, sizeof(attributes));
}

/* The program once more, for another argument. */
static int copy_program(const struct bpf_program *program, guint8 argument)
{
	g_autofree struct bpf_insn *insns = kernel_program_insns(program, argument);

	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_program__name(program), "GPL", insns,
			     bpf_program__insn_cnt(program), NULL);
}

/* The links keep the copies. */
static void attach_tracepoints(const Attaching *attaching, const struct bpf_program *program,
			       const GPtrArray *targets)
{
	int programs[XDPSHARK_TARGET_ARGUMENTS] = { 0 };
	const KernelTarget *first = first_tracepoint(targets);

	for (guint i = 0; i < targets->len; i++) {
		const KernelTarget *target = g_ptr_array_index(targets, i);
		int *one = &programs[target->argument], link;

		if (!target->is_tracepoint)
			continue;
		if (*one == 0)
			*one = target->argument == first->argument
				       ? dup(bpf_program__fd(program))
				       : copy_program(program, target->argument);
		link = open_tracepoint(*one, target);
		if (link >= 0)
			g_array_append_val(attaching->links, link);
		else
			report_target(attaching, target, errno);
	}
	for (guint i = 0; i < XDPSHARK_TARGET_ARGUMENTS; i++)
		if (programs[i] > 0)
			close(programs[i]);
}

void kernel_probe_attach(const ProgramSet *set, const GPtrArray *targets, GArray *links,
			 KernelProbeFailed *failed, gpointer data)
{
	const struct bpf_program *program = set->programs[KERNEL_PROGRAM];
	g_autoptr(GPtrArray) functions = g_ptr_array_new();
	Attaching attaching = {
		.program = program ? bpf_program__fd(program) : -1,
		.targets = functions,
		.links = links,
		.failed = failed,
		.data = data,
	};

	attach_tracepoints(&attaching, set->programs[KERNEL_TRACEPOINT], targets);
	for (guint i = 0; i < targets->len; i++) {
		KernelTarget *target = g_ptr_array_index(targets, i);

		if (!target->is_tracepoint)
			g_ptr_array_add(functions, target);
	}
	attach_functions(&attaching);
}
