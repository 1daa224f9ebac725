// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "config.h"
/* after config.h, whose types it uses */
#include "capture.skel.h"

G_DEFINE_QUARK(xdpshark - program - error, program_error)

/* The section of bpf/capture.bpf.c, for which libbpf calls prepare_load(). */
#define CAPTURE_SECTION "xdpshark"

#define PERMISSION_REMEDY "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"

struct ProgramSet {
	struct capture_bpf *skeleton;
	struct bpf_program *programs[XDPSHARK_ACTIONS]; /* NULL: not asked for */
	guint32 ids[XDPSHARK_ACTIONS];
	int *rings;
	guint ring_count;
	guint cpu_count;
};

/* The order is that of how common they are; a kernel without frags (before 5.18) refuses the flag.
 */
static const ProgramKind kinds[] = {
	{ BPF_F_XDP_HAS_FRAGS, BPF_XDP, "XDP with fragments" },
	{ 0, BPF_XDP, "XDP" },
	{ BPF_F_XDP_HAS_FRAGS, 0, "XDP with fragments, without attach type" },
	{ 0, 0, "XDP without attach type" },
	{ BPF_F_XDP_HAS_FRAGS, BPF_XDP_DEVMAP, "XDP of a devmap with fragments" },
	{ 0, BPF_XDP_DEVMAP, "XDP of a devmap" },
	{ BPF_F_XDP_HAS_FRAGS, BPF_XDP_CPUMAP, "XDP of a cpumap with fragments" },
	{ 0, BPF_XDP_CPUMAP, "XDP of a cpumap" },
};

static int load_probe(int hook_fd, const ProgramKind *kind)
{
	/* r2 = hook; r3 = 0; tail call; return XDP_PASS. r1 is the context already. */
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = 2,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = hook_fd },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = kind->attach_type,
		    .prog_flags = kind->flags);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpshark_probe", "GPL", insns, G_N_ELEMENTS(insns),
			     &options);
}

const ProgramKind *program_kind_of_hook(int hook_fd, const char *path, GError **error)
{
	int reason = EINVAL;

	for (gsize i = 0; i < G_N_ELEMENTS(kinds) && reason != EPERM; i++) {
		int fd = load_probe(hook_fd, &kinds[i]);

		if (fd >= 0) {
			close(fd);
			g_info("hook %s: its owner is of kind %s", path, kinds[i].name);
			return &kinds[i];
		}
		reason = errno;
	}
	if (reason == EPERM)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_PERMISSION,
			    "hook %s: loading BPF programs is not permitted: " PERMISSION_REMEDY,
			    path);
	else
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_OWNER,
			    "hook %s: the kernel lets no program of ours into it (%s): its owner "
			    "may be "
			    "bound to a device's hardware, or be no plain XDP program",
			    path, g_strerror(reason));
	return NULL;
}

/* The main program calls the filter stub, which libbpf places behind it. The stub's first
 * instruction, or 0 if there is no call. */
static gsize stub_offset(const struct bpf_insn *insns, gsize count)
{
	for (gsize i = 0; i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == BPF_PSEUDO_CALL)
			return i + 1 + insns[i].imm;
	return 0;
}

/* What prepare_load() needs; libbpf calls it for each program of the skeleton that is being loaded.
 */
static struct {
	const struct bpf_insn *filter;
	gsize filter_length;
	const ProgramKind *kind;
} loading;

/* Puts the compiled filter in the place of the stub, and makes the program of the hook's kind. */
static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *options,
			long cookie G_GNUC_UNUSED)
{
	const struct bpf_insn *insns = bpf_program__insns(program);
	gsize cut = stub_offset(insns, bpf_program__insn_cnt(program));
	g_autofree struct bpf_insn *joined = NULL;

	if (cut == 0 || cut >= bpf_program__insn_cnt(program))
		return -EINVAL;
	joined = g_new(struct bpf_insn, cut + loading.filter_length);
	memcpy(joined, insns, cut * sizeof(*insns));
	memcpy(joined + cut, loading.filter, loading.filter_length * sizeof(*insns));
	options->expected_attach_type = loading.kind->attach_type;
	options->prog_flags |= loading.kind->flags;
	return bpf_program__set_insns(program, joined, cut + loading.filter_length);
}

static gboolean register_section(GError **error)
{
	static int handler;
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare_load);

	if (handler <= 0)
		handler = libbpf_register_prog_handler(CAPTURE_SECTION, BPF_PROG_TYPE_XDP, BPF_XDP,
						       &options);
	if (handler > 0)
		return TRUE;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
		    "libbpf refuses a program handler: %s", g_strerror(-handler));
	return FALSE;
}

static struct cbpf_program *compile(const struct sock_filter *filter, gsize length, GError **error)
{
	struct cbpf_options options = { .size = sizeof(options), .access = CBPF_ACCESS_PACKET };
	struct cbpf_program *compiled = NULL;
	struct cbpf_error reason;

	if (cbpf_compile(filter, length, &options, &compiled, &reason) == 0)
		return compiled;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_FILTER, "the filter cannot run in XDP: %s",
		    reason.text);
	return NULL;
}

/* The verifier tells its reason in the last line before the statistics. */
static char *verifier_reason(const char *log)
{
	g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
	const char *reason = "no reason given";

	for (guint i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);

		if (*line && !g_str_has_prefix(line, "processed ") &&
		    !g_str_has_prefix(line, "verification time"))
			reason = line;
	}
	return g_strndup(reason, 200);
}

void program_set_verifier_error(GError **error, int reason, const char *log)
{
	g_autofree char *words = NULL;

	if (reason == EPERM) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_PERMISSION,
			    "loading BPF programs is not permitted: " PERMISSION_REMEDY);
	} else if (log[0]) {
		g_debug("verifier: %s", log);
		words = verifier_reason(log);
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_FILTER,
			    "the kernel's verifier refuses the filter: %s", words);
	} else {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not load our program: %s", g_strerror(reason));
	}
}

static void set_log(ProgramSet *set, char *log, gsize size)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++)
		if (set->programs[action])
			bpf_program__set_log_buf(set->programs[action], log, size);
}

static gboolean load_skeleton(ProgramSet *set, GError **error)
{
	gsize log_size = (gsize)256 * 1024;
	g_autofree char *log = g_malloc0(log_size);
	int result;

	set_log(set, log, log_size);
	result = capture_bpf__load(set->skeleton);
	set_log(set, NULL, 0);
	if (result == 0)
		return TRUE;
	program_set_verifier_error(error, -result, log);
	return FALSE;
}

/* libbpf's probe loads a program that calls the helper. */
static gboolean has_load_bytes(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) == 1;
}

static gboolean configure(ProgramSet *set, const ProgramRequest *request, GError **error)
{
	struct capture_bpf *skeleton = set->skeleton;
	struct bpf_program *programs[XDPSHARK_ACTIONS] = {
		skeleton->progs.xdpshark_abort, skeleton->progs.xdpshark_drop,
		skeleton->progs.xdpshark_pass,	skeleton->progs.xdpshark_tx,
		skeleton->progs.xdpshark_redir,
	};
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, "cannot count the CPUs: %s",
			    g_strerror(-cpus));
		return FALSE;
	}
	set->cpu_count = cpus;
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		gboolean wanted = request->actions >> action & 1;

		bpf_program__set_autoload(programs[action], wanted);
		set->programs[action] = wanted ? programs[action] : NULL;
	}
	bpf_map__set_max_entries(skeleton->maps.xdpshark_rings, cpus);
	bpf_map__set_max_entries(skeleton->maps.xdpshark_cpus, cpus);
	skeleton->rodata->config.snaplen = CLAMP(request->snaplen, 1, XDPSHARK_SNAPLEN_MAX);
	skeleton->rodata->config.fragments = (request->kind->flags & BPF_F_XDP_HAS_FRAGS) != 0;
	skeleton->rodata->config.load_bytes = has_load_bytes();
	if (!skeleton->rodata->config.load_bytes)
		g_info("the kernel has no bpf_xdp_load_bytes (5.18): packets are copied with "
		       "bpf_probe_read_kernel");
	return TRUE;
}

/* A ring for each CPU that is online. One that comes up later shares another's ring: slower, never
 * lost. */
static gboolean create_rings(ProgramSet *set, gsize size, GError **error)
{
	int outer = bpf_map__fd(set->skeleton->maps.xdpshark_rings);
	glong online = sysconf(_SC_NPROCESSORS_ONLN);

	set->ring_count = CLAMP(online, 1, (glong)set->cpu_count);
	set->rings = g_new(int, set->ring_count);
	for (guint i = 0; i < set->ring_count; i++)
		set->rings[i] = -1;
	for (guint i = 0; i < set->ring_count; i++) {
		set->rings[i] =
			bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xdpshark_ring", 0, 0, size, NULL);
		if (set->rings[i] >= 0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot create a ring of %" G_GSIZE_FORMAT
			    " bytes for each of %u CPUs: %s; try a smaller --buffer",
			    size, set->ring_count, g_strerror(errno));
		return FALSE;
	}
	for (guint32 cpu = 0; cpu < set->cpu_count; cpu++) {
		if (bpf_map_update_elem(outer, &cpu, &set->rings[cpu % set->ring_count], BPF_ANY) ==
		    0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot give CPU %u its ring: %s", cpu, g_strerror(errno));
		return FALSE;
	}
	return TRUE;
}

static gboolean read_ids(ProgramSet *set, GError **error)
{
	for (guint action = 0; action < XDPSHARK_ACTIONS; action++) {
		struct bpf_prog_info info = { 0 };
		guint32 size = sizeof(info);

		if (!set->programs[action])
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(set->programs[action]), &info, &size) <
		    0) {
			g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
				    "cannot read back our own program: %s", g_strerror(errno));
			return FALSE;
		}
		set->ids[action] = info.id;
	}
	return TRUE;
}

ProgramSet *program_set_load(const ProgramRequest *request, GError **error)
{
	g_autoptr(ProgramSet) set = g_new0(ProgramSet, 1);
	struct cbpf_program *compiled;
	gboolean loaded;

	if (!register_section(error))
		return NULL;
	set->skeleton = capture_bpf__open();
	if (!set->skeleton) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "libbpf cannot open the capture programs: %s", g_strerror(errno));
		return NULL;
	}
	if (!configure(set, request, error))
		return NULL;
	compiled = compile(request->filter, request->filter_length, error);
	if (!compiled)
		return NULL;
	loading.filter = cbpf_program_insns(compiled, &loading.filter_length);
	loading.kind = request->kind;
	loaded = load_skeleton(set, error);
	memset(&loading, 0, sizeof(loading));
	cbpf_program_free(compiled);
	if (!loaded || !create_rings(set, request->ring_size, error) || !read_ids(set, error))
		return NULL;
	return g_steal_pointer(&set);
}

void program_set_free(ProgramSet *set)
{
	if (!set)
		return;
	for (guint i = 0; i < set->ring_count; i++)
		if (set->rings[i] >= 0)
			close(set->rings[i]);
	g_free(set->rings);
	capture_bpf__destroy(set->skeleton);
	g_free(set);
}

int program_set_fd(const ProgramSet *set, guint action)
{
	return set->programs[action] ? bpf_program__fd(set->programs[action]) : -1;
}

guint32 program_set_id(const ProgramSet *set, guint action)
{
	return set->ids[action];
}

const int *program_set_rings(const ProgramSet *set, guint *count)
{
	*count = set->ring_count;
	return set->rings;
}

int program_set_cpus(const ProgramSet *set, guint *count)
{
	*count = set->cpu_count;
	return bpf_map__fd(set->skeleton->maps.xdpshark_cpus);
}

int program_set_control(const ProgramSet *set)
{
	return bpf_map__fd(set->skeleton->maps.xdpshark_ctl);
}

void program_set_quiesce(const ProgramSet *set)
{
	/* An update of a map of maps by the system call waits for a grace period: the kernel's
	 * maybe_wait_bpf_programs(), commit 1ae80cf31938. */
	guint32 cpu = 0;

	if (bpf_map_update_elem(bpf_map__fd(set->skeleton->maps.xdpshark_rings), &cpu,
				&set->rings[0], BPF_ANY) < 0)
		g_warning("cannot wait for the programs to end: %s", g_strerror(errno));
}

gboolean program_check_filter(const struct sock_filter *filter, gsize length, GError **error)
{
	const ProgramRequest request = {
		.filter = filter,
		.filter_length = length,
		.snaplen = XDPSHARK_SNAPLEN_MAX,
		.actions = 1U << XDP_PASS, /* one is enough: they differ in a constant only */
		.ring_size = sysconf(_SC_PAGESIZE),
		.kind = &kinds[1],
	};
	g_autoptr(ProgramSet) set = program_set_load(&request, error);

	return set != NULL;
}
