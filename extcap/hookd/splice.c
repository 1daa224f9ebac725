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
	gsize stub; /* offset of the stub in the program, and of what is put there */
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
 * comes in their place goes. Returns the length of the main program, 0 if this is not what
 * bpf/hook.bpf.c looks like. */
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

		if (part->stub == 0)
			return 0;
		part->code = loading.codes[stub];
		if (!part->code.insns)
			part->code = (SpliceCode){ &insns[part->stub], STUB_LENGTH };
		part->offset = end;
		end += part->code.length;
	}
	return main_length;
}

/* The functions' places for the kernel, which wants them to be where the calls go. */
static void move_functions(struct bpf_prog_load_opts *options, const Part parts[])
{
	const struct bpf_func_info *functions = options->func_info;

	if (options->func_info_cnt != G_N_ELEMENTS(loading.functions) ||
	    options->func_info_rec_size != sizeof(*functions)) {
		options->func_info_cnt = 0; /* a kernel without BTF: libbpf passes none */
		return;
	}
	for (guint i = 0; i < options->func_info_cnt; i++) {
		struct bpf_func_info function = functions[i];
		guint place = 0;

		for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++) {
			if (function.insn_off != parts[stub].stub)
				continue;
			function.insn_off = parts[stub].offset;
			place = stub;
			break;
		}
		loading.functions[place] = function;
	}
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
			if (lines[i].insn_off == parts[stub].stub)
				firsts[stub] = lines[i];
	}
	for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++) {
		firsts[stub].insn_off = parts[stub].offset;
		loading.lines[kept++] = firsts[stub];
	}
	options->line_info = loading.lines;
	options->line_info_cnt = kept;
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

	if (main_length == 0)
		return -EINVAL;
	joined = g_new(struct bpf_insn, length);
	memcpy(joined, insns, main_length * sizeof(*insns));
	for (guint stub = XDPSHARK_STUB_PACKET; stub < XDPSHARK_STUBS; stub++)
		memcpy(joined + parts[stub].offset, parts[stub].code.insns,
		       parts[stub].code.length * sizeof(*insns));
	for (gsize i = 0; i < main_length; i++)
		if (is_call(&joined[i]))
			joined[i].imm =
				(gint32)(parts[insns[call_target(insns, i)].imm].offset - i - 1);
	move_functions(options, parts);
	move_lines(options, main_length, parts);
	options->expected_attach_type = loading.kind->attach_type;
	options->prog_flags |= loading.kind->flags;
	return bpf_program__set_insns(program, joined, length);
}

gboolean splice_register(GError **error)
{
	static int handler;
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare_load);

	if (handler <= 0)
		handler = libbpf_register_prog_handler("xdpshark", BPF_PROG_TYPE_XDP, BPF_XDP,
						       &options);
	if (handler > 0)
		return TRUE;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
		    "libbpf refuses a program handler: %s", g_strerror(-handler));
	return FALSE;
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
