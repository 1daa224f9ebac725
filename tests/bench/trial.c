// SPDX-License-Identifier: GPL-2.0-or-later
#include "trial.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <cbpf/cbpf.h>

#include "backlog.h"
#include "vm.h"

#define NS_PER_S 1e9

struct Trial {
	struct bpf_insn *insns; /* of the function alone */
	gsize count;
	int program;
};

/* Runs of the function in each run of the program: a single one would hide behind what the kernel
 * does around it. */
#define CALLS 16

/* Calls the function, which follows it, that many times. A program for tc, since test runs of XDP
 * programs wait for grace periods; the packets are the same. The device and the queue are 0. */
static const struct bpf_insn head[] = {
	{ BPF_LDX | BPF_MEM | BPF_W, 6, 1, offsetof(struct __sk_buff, data), 0 },
	{ BPF_LDX | BPF_MEM | BPF_W, 7, 1, offsetof(struct __sk_buff, data_end), 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_K, 8, 0, 0, CALLS },
	{ BPF_ALU64 | BPF_MOV | BPF_X, 1, 6, 0, 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0 },
	{ BPF_ALU64 | BPF_SUB | BPF_X, 3, 1, 0, 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0 },
	{ BPF_ALU64 | BPF_MOV | BPF_K, 5, 0, 0, 0 },
	{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 3 },
	{ BPF_ALU64 | BPF_SUB | BPF_K, 8, 0, 0, 1 },
	{ BPF_JMP | BPF_JNE | BPF_K, 8, 0, -9, 0 },
	{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
};

Trial *trial_new(const struct bpf_insn *insns, gsize count)
{
	gsize total = G_N_ELEMENTS(head) + count;
	g_autofree struct bpf_insn *all = g_new(struct bpf_insn, total);
	Trial *trial;
	int program;

	memcpy(all, head, sizeof(head));
	memcpy(all + G_N_ELEMENTS(head), insns, count * sizeof(*insns));
	program = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "trial", "GPL", all, total, NULL);
	if (program < 0) {
		fprintf(stderr, "not loaded: %s\n", g_strerror(errno));
		return NULL;
	}
	trial = g_new0(Trial, 1);
	trial->insns = g_memdup2(insns, count * sizeof(*insns));
	trial->count = count;
	trial->program = program;
	return trial;
}

Trial *trial_compile(const struct sock_filter *code, gsize length)
{
	struct cbpf_program *program;
	struct cbpf_error reason;
	const struct bpf_insn *insns;
	Trial *trial;
	gsize count;
	int result = cbpf_compile(code, length, NULL, &program, &reason);

	if (result < 0) {
		if (result != -ENOTSUP)
			fprintf(stderr, "not compiled: %s\n", reason.text);
		return NULL;
	}
	insns = cbpf_program_insns(program, &count);
	trial = trial_new(insns, count);
	cbpf_program_free(program);
	return trial;
}

void trial_free(Trial *trial)
{
	if (!trial)
		return;
	close(trial->program);
	/* The loop, and the function in memory of its own. */
	backlog_add(2);
	g_free(trial->insns);
	g_free(trial);
}

gsize trial_length(const Trial *trial)
{
	return trial->count;
}

guint64 trial_steps(const Trial *trial, const guint8 *packet, gsize size, guint32 *value)
{
	const struct vm_arguments arguments = {
		.bytes = packet,
		.readable = (guint32)size,
		.length = (guint32)size,
	};
	struct vm_result result = vm_run(trial->insns, trial->count, &arguments);

	if (result.fault)
		g_error("instruction %zu %s", result.at, result.fault);
	*value = (guint32)result.value;
	return result.steps;
}

gdouble trial_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (gdouble)now.tv_sec * NS_PER_S + (gdouble)now.tv_nsec;
}

gdouble trial_time(const Trial *trial, const guint8 *packet, gsize size, guint count,
		   guint32 *value)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = (guint32)size,
		    .repeat = (int)count);
	gdouble start = trial_clock();

	/* The kernel reports the time in whole ns per run. */
	if (bpf_prog_test_run_opts(trial->program, &options) < 0)
		g_error("BPF_PROG_TEST_RUN: %s", g_strerror(errno));
	*value = options.retval;
	return (trial_clock() - start) / count / CALLS;
}
