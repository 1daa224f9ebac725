// SPDX-License-Identifier: GPL-2.0-or-later
#include "kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "load_error.h"
#include "program.h"
#include "xdp_program.h"

/* The most common ones first. A kernel without frags (before 5.18) refuses the flag. */
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

const ProgramKind kind_plain = { 0, BPF_XDP, "XDP" };

static int load_probe(int hook_fd, const ProgramKind *kind)
{
	/* r2 = hook; r3 = 0; tail call; return 0, as the hook's own program does. r1 already is the
	 * context. */
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = 2,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = hook_fd },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_ABORTED },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = kind->attach_type,
		    .prog_flags = kind->flags);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, KIND_PROBE, "GPL", insns, G_N_ELEMENTS(insns),
			     &options);
}

/* A program array takes only compiled programs or only interpreted ones, depending on its owner. */
static gboolean is_owner_compiled(int hook_fd)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fdinfo/%d", hook_fd);
	g_autofree char *text = NULL;
	const char *line = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		line = strstr(text, "owner_jited:");
	return !line || atoi(line + strlen("owner_jited:")) != 0;
}

static void set_refusal(int hook_fd, const char *path, int reason, GError **error)
{
	if (reason == EPERM) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_PERMISSION,
			    "hook %s: loading BPF programs is not permitted: %s", path,
			    program_permission_remedy());
	} else if (load_error_needs_jit(error)) {
		g_prefix_error(error, "hook %s: ", path);
	} else if (!is_owner_compiled(hook_fd)) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_OWNER,
			    "hook %s: its program was loaded while programs were not compiled to "
			    "machine code (net.core.bpf_jit_enable=0): load it again",
			    path);
	} else {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_OWNER,
			    "hook %s: the kernel lets no program of ours into it (%s): its owner "
			    "may be bound to a device's hardware, or be no plain XDP program",
			    path, g_strerror(reason));
	}
}

const ProgramKind *kind_of_hook(int hook_fd, const char *path, GError **error)
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
	set_refusal(hook_fd, path, reason, error);
	return NULL;
}
