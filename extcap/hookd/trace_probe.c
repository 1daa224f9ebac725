// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the running kernel allows.
 */
#include "trace.h"

#include <errno.h>
#include <linux/btf.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kernel_type.h"
#include "xdp_program.h"

/* The function that calls all XDP programs. With native XDP, kernels before 6.2 (and what was
 * backported to) write a jump to its start, where a tracer's would go: there the attempt alone
 * makes ftrace warn and switch itself off. From then on they have a static call, which has a key.
 */
#define FUNCTION   "bpf_dispatcher_xdp_func"
#define STRUCT	   "bpf_dispatcher"
#define STATIC_KEY "sc_key"

#define NO_STATIC_CALL                                                                             \
	"this kernel's function that calls all XDP programs cannot be traced (that of 6.2 can)"

static struct {
	const char *refusal, *dispatcher_refusal;
	gsize asked;
} answers;

const char *trace_function_refusal(guint32 function)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = function);
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, KIND_PROBE, "GPL", insns, G_N_ELEMENTS(insns),
			       &options);

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	if (errno == EPERM || errno == EACCES)
		return "this kernel does not allow programs to be traced (fentry)";
	return "this kernel cannot trace programs (fentry)";
}

static void ask(const KernelTypes *types)
{
	KernelTypeQuery queries[] = {
		{ FUNCTION, BTF_KIND_FUNC, 0 },
		{ STRUCT, BTF_KIND_STRUCT, 0 },
	};
	guint32 offset = 0;

	kernel_types_find(types, queries, G_N_ELEMENTS(queries));
	if (queries[0].id == 0) {
		answers.refusal = answers.dispatcher_refusal =
			"this kernel has no XDP that can be traced";
		return;
	}
	answers.refusal = trace_function_refusal(queries[0].id);
	if (answers.refusal)
		answers.dispatcher_refusal = answers.refusal;
	else if (kernel_types_member(types, queries[1].id, STATIC_KEY, &offset) == 0)
		answers.dispatcher_refusal = NO_STATIC_CALL;
}

/* Kernels before 5.11 show their BTF in a file alone, which libbpf reads. */
static void ask_old(void)
{
	int function = libbpf_find_vmlinux_btf_id(FUNCTION, BPF_TRACE_FENTRY);

	if (function < 0)
		answers.refusal =
			"this kernel has no BTF (CONFIG_DEBUG_INFO_BTF), or it cannot be read";
	else
		answers.refusal = trace_function_refusal((guint32)function);
	answers.dispatcher_refusal = answers.refusal ? answers.refusal : NO_STATIC_CALL;
}

static void ask_once(void)
{
	KernelTypes *types;

	if (!g_once_init_enter(&answers.asked))
		return;
	types = kernel_types_read();
	if (types)
		ask(types);
	else
		ask_old();
	kernel_types_free(types);
	g_once_init_leave(&answers.asked, 1);
}

const char *trace_refusal(void)
{
	ask_once();
	return answers.refusal;
}

const char *trace_dispatcher_refusal(void)
{
	ask_once();
	return answers.dispatcher_refusal;
}
