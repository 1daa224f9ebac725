// SPDX-License-Identifier: GPL-2.0-or-later
#include "examine.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "kernel_probe.h"
#include "kernel_trace.h"
#include "program.h"
#include "trace.h"

/* Appends what was found to detail. */
typedef Answer (*Probe)(GString *detail);

typedef struct {
	const char *name;
	gboolean loads; /* can only be tried by those who may load programs */
	Probe probe;
} ProbeRow;

/* Loads "r0 = XDP_PASS; exit" with the flags. Returns the descriptor or a negative errno. */
static int load_trivial(guint32 flags)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP,
		    .prog_flags = flags);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpshark_probe", "GPL", insns,
			       G_N_ELEMENTS(insns), &options);

	return fd < 0 ? -errno : fd;
}

static Answer answer_load(int fd, GString *detail)
{
	if (fd >= 0) {
		close(fd);
		return ANSWER_YES;
	}
	g_string_append(detail, g_strerror(-fd));
	return ANSWER_NO;
}

static Answer probe_load(GString *detail)
{
	return answer_load(load_trivial(0), detail);
}

static Answer probe_capture(GString *detail)
{
	const struct sock_filter everything = BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32);
	g_autoptr(GError) error = NULL;

	if (program_check_filter(&everything, 1, &error))
		return ANSWER_YES;
	g_string_append(detail, error->message);
	return ANSWER_NO;
}

static Answer probe_mounts(GString *detail)
{
	g_autoptr(GPtrArray) mounts = bpffs_mounts();
	const char *last = "";

	for (guint i = 0; mounts && i < mounts->len; i++) {
		const BpffsMount *mount = g_ptr_array_index(mounts, i);

		/* Of several at the same path, only the last one is visible. */
		if (strcmp(mount->path, last) == 0)
			continue;
		last = mount->path;
		g_string_append_printf(detail, "%s%s", i == 0 ? "" : ", ", mount->path);
	}
	return mounts && mounts->len > 0 ? ANSWER_YES : ANSWER_NO;
}

/* The kernel requires CAP_SYS_ADMIN to walk the programs. */
static Answer probe_walk(GString *detail)
{
	guint32 id = 0;

	if (bpf_prog_get_next_id(id, &id) == 0 || errno == ENOENT)
		return ANSWER_YES;
	g_string_append(detail, g_strerror(errno));
	return ANSWER_NO;
}

static Answer probe_jit(GString *detail)
{
	struct bpf_prog_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = load_trivial(0);

	if (fd < 0)
		return answer_load(fd, detail);
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		g_string_append(detail, g_strerror(errno));
	close(fd);
	return info.jited_prog_len > 0 ? ANSWER_YES : ANSWER_NO;
}

static Answer probe_frags(GString *detail)
{
	return answer_load(load_trivial(BPF_F_XDP_HAS_FRAGS), detail);
}

static Answer answer_probe(int result)
{
	if (result < 0)
		return ANSWER_UNKNOWN;
	return result ? ANSWER_YES : ANSWER_NO;
}

static Answer probe_ringbuf(GString *detail G_GNUC_UNUSED)
{
	return answer_probe(
		libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ringbuf_reserve, NULL));
}

static Answer probe_load_bytes(GString *detail G_GNUC_UNUSED)
{
	return answer_probe(
		libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL));
}

static Answer probe_btf(GString *detail)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";

	g_string_append(detail, path);
	return access(path, R_OK) == 0 ? ANSWER_YES : ANSWER_NO;
}

static Answer answer_refusal(const char *refusal, GString *detail)
{
	if (!refusal)
		return ANSWER_YES;
	g_string_append(detail, refusal);
	return ANSWER_NO;
}

static Answer probe_tracing(GString *detail)
{
	return answer_refusal(trace_refusal(), detail);
}

static Answer probe_dispatcher(GString *detail)
{
	return answer_refusal(trace_dispatcher_refusal(), detail);
}

static Answer probe_drops(GString *detail)
{
	return answer_refusal(kernel_trace_refusal(), detail);
}

static Answer probe_functions(GString *detail)
{
	static const char *const means[] = {
		[KERNEL_PROBE_NONE] = "",
		[KERNEL_PROBE_SINGLE] = "kprobe, one after the other",
		[KERNEL_PROBE_MULTI] = "kprobe.multi",
	};
	const char *many = means[kernel_probe_kind()];
	gboolean few = !trace_refusal();

	g_string_append_printf(detail, "%s%s%s", few ? "fentry" : "", few && *many ? ", " : "",
			       many);
	if (detail->len > 0)
		return ANSWER_YES;
	g_string_append(detail, "this kernel allows neither fentry, nor kprobe.multi, nor kprobe");
	return ANSWER_NO;
}

/* libbpf knows with which words the kernel refuses such a program without a target. Other words
 * mean that the type itself is refused. */
static Answer probe_ext(GString *detail G_GNUC_UNUSED)
{
	return answer_probe(libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_EXT, NULL));
}

static const ProbeRow rows[] = {
	{ FINDING_LOAD, FALSE, probe_load },
	{ FINDING_BPFFS, FALSE, probe_mounts },
	{ FINDING_WALK, FALSE, probe_walk },
	{ FINDING_RINGBUF, TRUE, probe_ringbuf },
	{ FINDING_CAPTURE, FALSE, probe_capture },
	{ FINDING_JIT, TRUE, probe_jit },
	{ FINDING_FRAGS, TRUE, probe_frags },
	{ FINDING_LOAD_BYTES, TRUE, probe_load_bytes },
	{ FINDING_BTF, FALSE, probe_btf },
	{ FINDING_TRACING, TRUE, probe_tracing },
	{ FINDING_DISPATCHER, TRUE, probe_dispatcher },
	{ FINDING_EXT, TRUE, probe_ext },
	{ FINDING_DROPS, TRUE, probe_drops },
	{ FINDING_FUNCTIONS, TRUE, probe_functions },
};

static gboolean may_load(void)
{
	g_autoptr(GString) ignored = g_string_new(NULL);

	return probe_load(ignored) == ANSWER_YES;
}

GPtrArray *examine_machine(const char *const *names)
{
	GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) detail = g_string_new(NULL);
		Finding *finding;

		if (names[0] && !g_strv_contains(names, rows[i].name))
			continue;
		finding = g_new0(Finding, 1);
		finding->name = g_strdup(rows[i].name);
		finding->answer =
			rows[i].loads && !may_load() ? ANSWER_UNKNOWN : rows[i].probe(detail);
		finding->detail = g_strdup(detail->str);
		g_ptr_array_add(findings, finding);
	}
	return findings;
}
