// SPDX-License-Identifier: GPL-2.0-or-later
#include "splice.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "config.h"
#include "program.h"

/* What is there in the place of a stub, and where. */
typedef struct {
	SpliceCode code;
	gsize stub; /* offset of the stub in the program, and of what is put there; 0: the program
		       has no such stub */
	gsize offset;
} Part;

/* What prepare_load() needs; libbpf calls it for each program of the skeleton that is being loaded.
 */
static struct {
	const SpliceCode *codes; /* by stub */
	const ProgramKind *kind;
	struct bpf_func_info functions[XDPSHARK_STUBS]; /* the main program's at 0 */
	struct bpf_line_info *lines;
} loading;

#define STUB_LENGTH 2

static gboolean is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

static gsize call_target(const struct bpf_insn *insns, gsize at)
{
	return at + 1 + insns[at].imm;
}

/* libbpf places the stubs that the main program calls behind it: finds them, and decides where what
 * comes in their place goes. Returns the length of the main program, 0 if this is not what the
 * programs of bpf/ look like. */
static gsize find_parts(const struct bpf_insn *insns, gsize count, Part parts[])
{
	gsize main_length = count, end;

	for (gsize i = 0; i < main_length; i++) {
		gsize target = call_target(insns, i);

		if (!is_call(&insns[i]))
			continue;
		if (target <= i || target + 1 >= count ||
		    insns[target].imm < XDPSHARK_STUB_PACKET || insns[target].imm >= XDPSHARK_STUBS)
			return 0;
		parts[insns[target].imm].stub = target;
		main_length = MIN(main_length, target);
	}
	end = main_length;
	for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++) {
		Part *part = &parts[stub];

		part->offset = end;
		if (part->stub == 0)
			continue;
		part->code = loading.codes[stub];
		if (!part->code.insns)
			part->code = (SpliceCode){ &insns[part->stub], STUB_LENGTH };
		end += part->code.length;
	}
	return main_length;
}

/* The functions' places for the kernel, which wants them to be where the calls go. */
static void move_functions(struct bpf_prog_load_opts *options, const Part parts[])
{
	const struct bpf_func_info *functions = options->func_info;
	guint kept = 1;

	if (options->func_info_cnt == 0 ||
	    options->func_info_cnt > G_N_ELEMENTS(loading.functions) ||
	    options->func_info_rec_size != sizeof(*functions)) {
		options->func_info_cnt = 0; /* a kernel without BTF: libbpf passes none */
		return;
	}
	loading.functions[0] = functions[0];
	for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++)
		for (guint i = 1; i < options->func_info_cnt; i++) {
			if (parts[stub].stub == 0 || functions[i].insn_off != parts[stub].stub)
				continue;
			loading.functions[kept] = functions[i];
			loading.functions[kept++].insn_off = parts[stub].offset;
		}
	options->func_info_cnt = kept;
	options->func_info = loading.functions;
}

/* Source lines stay for the main program; of the stubs each one's first. */
static void move_lines(struct bpf_prog_load_opts *options, gsize main_length, const Part parts[])
{
	const struct bpf_line_info *lines = options->line_info;
	struct bpf_line_info firsts[XDPSHARK_STUBS] = { 0 };
	guint kept = 0;

	g_clear_pointer(&loading.lines, g_free);
	if (options->line_info_cnt == 0 || options->line_info_rec_size != sizeof(*lines)) {
		options->line_info_cnt = 0;
		return;
	}
	loading.lines = g_new(struct bpf_line_info, options->line_info_cnt + G_N_ELEMENTS(firsts));
	for (guint i = 0; i < options->line_info_cnt; i++) {
		if (lines[i].insn_off < main_length)
			loading.lines[kept++] = lines[i];
		for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++)
			if (parts[stub].stub != 0 && lines[i].insn_off == parts[stub].stub)
				firsts[stub] = lines[i];
	}
	for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++) {
		if (parts[stub].stub == 0)
			continue;
		firsts[stub].insn_off = parts[stub].offset;
		loading.lines[kept++] = firsts[stub];
	}
	options->line_info = loading.lines;
	options->line_info_cnt = kept;
}

/* What libbpf leaves of a variable of the kernel that the running one does not have (__weak): the
 * program compares its address with 0, which older kernels do not take for one of a variable. */
static void clear_unknown_variables(struct bpf_insn *insns, gsize count)
{
	for (gsize i = 0; i + 1 < count; i++)
		if (BPF_CLASS(insns[i].code) == BPF_LD && BPF_SIZE(insns[i].code) == BPF_DW &&
		    BPF_MODE(insns[i].code) == BPF_IMM && insns[i].src_reg == BPF_PSEUDO_BTF_ID &&
		    insns[i].imm == 0)
			insns[i].src_reg = 0;
}

/* Replaces the stubs, and makes the program of the hook's kind. */
static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *options,
			long cookie G_GNUC_UNUSED)
{
	const struct bpf_insn *insns = bpf_program__insns(program);
	Part parts[XDPSHARK_STUBS] = { 0 };
	gsize main_length = find_parts(insns, bpf_program__insn_cnt(program), parts);
	gsize length = parts[XDPSHARK_STUBS - 1].offset + parts[XDPSHARK_STUBS - 1].code.length;
	g_autofree struct bpf_insn *joined = NULL;

	if (main_length == 0 || main_length == bpf_program__insn_cnt(program))
		return -EINVAL;
	joined = g_new(struct bpf_insn, length);
	memcpy(joined, insns, main_length * sizeof(*insns));
	for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++)
		if (parts[stub].stub != 0)
			memcpy(joined + parts[stub].offset, parts[stub].code.insns,
			       parts[stub].code.length * sizeof(*insns));
	for (gsize i = 0; i < main_length; i++)
		if (is_call(&joined[i]))
			joined[i].imm =
				(gint32)(parts[insns[call_target(insns, i)].imm].offset - i - 1);
	clear_unknown_variables(joined, main_length);
	move_functions(options, parts);
	move_lines(options, main_length, parts);
	if (loading.kind) {
		options->expected_attach_type = loading.kind->attach_type;
		options->prog_flags |= loading.kind->flags;
	}
	return bpf_program__set_insns(program, joined, length);
}

/* The sections of programs into which a filter is put. */
static const struct {
	const char *section;
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
} sections[] = {
	{ "xdpshark", BPF_PROG_TYPE_XDP, BPF_XDP },
	{ "xdpshark.entry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY },
	{ "xdpshark.point", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY },
	{ "xdpshark.kprobe", BPF_PROG_TYPE_KPROBE, 0 },
	{ "xdpshark.tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, 0 },
	{ "xdpshark.drop", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP },
	{ "xdpshark.exit", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT },
};

gboolean splice_register(GError **error)
{
	static guint registered;
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare_load);

	for (; registered < G_N_ELEMENTS(sections); registered++) {
		int handler = libbpf_register_prog_handler(
			sections[registered].section, sections[registered].type,
			sections[registered].attach_type, &options);

		if (handler > 0)
			continue;
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "libbpf refuses a program handler: %s", g_strerror(-handler));
		return FALSE;
	}
	return TRUE;
}

void splice_begin(const SpliceCode codes[static XDPSHARK_STUBS], const ProgramKind *kind)
{
	loading.codes = codes;
	loading.kind = kind;
}

void splice_end(void)
{
	g_free(loading.lines);
	memset(&loading, 0, sizeof(loading));
}
