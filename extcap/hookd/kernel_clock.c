// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_clock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "monotonic.h"

G_DEFINE_QUARK(xdpshark_kernel_clock_error, kernel_clock_error)

/* Test runs, the shortest of which counts: a good one takes about 10 microseconds. */
#define TRIES 20

/* The kernel wants at least an Ethernet header. */
#define FRAME_SIZE 64

static int load_program(void)
{
	/* r6 = context; r0 = time; r1 = data; r2 = data_end; if r1 + 8 <= r2, time to data. */
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns },
		{ .code = BPF_LDX | BPF_MEM | BPF_W,
		  .dst_reg = 1,
		  .src_reg = 6,
		  .off = offsetof(struct xdp_md, data) },
		{ .code = BPF_LDX | BPF_MEM | BPF_W,
		  .dst_reg = 2,
		  .src_reg = 6,
		  .off = offsetof(struct xdp_md, data_end) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 1 },
		/* BPF_ADD | BPF_K is 0. */
		{ .code = BPF_ALU64, .dst_reg = 3, .imm = sizeof(guint64) },
		{ .code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 3, .src_reg = 2, .off = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 1, .src_reg = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpshark_clock", "GPL", insns, G_N_ELEMENTS(insns),
			     NULL);
}

/* Returns 0 or a negative errno. */
static int read_clock(int program, guint64 *ret_time)
{
	guint8 frame[FRAME_SIZE] = { 0 }, result[FRAME_SIZE] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .data_out = result, .data_size_out = sizeof(result), .repeat = 1);

	if (bpf_prog_test_run_opts(program, &options) < 0)
		return -errno;
	memcpy(ret_time, result, sizeof(*ret_time));
	return *ret_time ? 0 : -ENODATA;
}

/* The kernel's clock less ours; 0 as soon as one reading fits between two of ours. Returns 0 or a
 * negative errno. */
static int measure(int program, gint64 *ret_offset)
{
	guint64 best_width = G_MAXUINT64;

	for (guint i = 0; i < TRIES; i++) {
		guint64 before = monotonic_now(), kernel = 0, after;
		int result = read_clock(program, &kernel);

		if (result < 0)
			return result;
		after = monotonic_now();
		if (kernel >= before && kernel <= after) {
			*ret_offset = 0;
			return 0;
		}
		if (after - before < best_width) {
			best_width = after - before;
			*ret_offset = (gint64)(kernel - before - best_width / 2);
		}
	}
	return 0;
}

gboolean kernel_clock_learn(GError **error)
{
	static gboolean learnt;
	gint64 offset = 0;
	int program, result;

	if (learnt)
		return TRUE;
	program = load_program();
	result = program < 0 ? -errno : measure(program, &offset);
	if (program >= 0)
		close(program);
	if (result < 0) {
		g_set_error(
			error, KERNEL_CLOCK_ERROR, 0,
			"cannot have a program read the kernel's clock, to compare it with that "
			"of this time namespace: %s",
			g_strerror(-result));
		return FALSE;
	}
	if (offset != 0)
		g_info("in a time namespace: the kernel's clock is %" G_GINT64_FORMAT
		       " ns ahead of ours",
		       offset);
	monotonic_set_offset(offset);
	learnt = TRUE;
	return TRUE;
}
