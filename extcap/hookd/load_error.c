// SPDX-License-Identifier: GPL-2.0-or-later
#include "load_error.h"

#include <errno.h>
#include <string.h>

#define JIT_SETTING "/proc/sys/net/core/bpf_jit_enable"
#define NEEDS_JIT                                                                                  \
	"programs are not compiled to machine code here, and the capture programs need that: "     \
	"sysctl net.core.bpf_jit_enable=1"

/* What the verifier's log contains if something other than the program is to blame. */
static const struct {
	const char *log;
	const char *setting; /* a file, and what it contains if this is the cause; or NULL */
	const char *value;
	const char *cause;
} causes[] = {
	{ "mixing of tail_calls and bpf-to-bpf calls", JIT_SETTING, "0", NEEDS_JIT },
	{ "in non-JITed programs", JIT_SETTING, "0", NEEDS_JIT },
	/* According to the kernel's history: x86 since 5.10, arm64 since June 2022, s390x since
	 * January 2023. */
	{ "mixing of tail_calls and bpf-to-bpf calls", NULL, NULL,
	  "the kernel's BPF compiler for this processor cannot mix tail calls and functions, as "
	  "the capture programs do: use Linux 6.0 or later on arm64, 6.3 or later on s390x" },
	{ "unknown func bpf_probe_read", "/sys/kernel/security/lockdown", "[confidentiality]",
	  "the kernel is locked down (confidentiality), so that before Linux 5.18 no program can "
	  "copy a packet: boot without lockdown=confidentiality, or use 5.18 or later" },
	{ "cannot use helper bpf_probe_read", "/sys/kernel/security/lockdown", "[confidentiality]",
	  "the kernel is locked down (confidentiality), so that before Linux 5.18 no program can "
	  "copy a packet: boot without lockdown=confidentiality, or use 5.18 or later" },
	{ "unknown func bpf_ringbuf", NULL, NULL,
	  "the kernel has no BPF ring buffers: use Linux 5.8 or later" },
};

/* What to do if the load failed before the verifier ran. */
static const struct {
	int reason;
	const char *text;
} reasons[] = {
	{ EMFILE, "too many files are open in xdpshark-hookd: capture fewer hooks at once, or "
		  "raise the limit (ulimit -n)" },
	{ ENFILE, "too many files are open on this machine: raise fs.file-max" },
	{ ENOMEM, "there is not enough memory: try a smaller --buffer" },
	{ E2BIG, "a program or map is larger than this kernel allows: try a shorter filter or a "
		 "smaller --buffer" },
	{ ENOSPC, "there are too many of them: end other captures" },
	{ EAGAIN, "it is busy with other programs: try again" },
	{ EINTR, "it was interrupted: try again" },
};

static gboolean has_value(const char *path, const char *value)
{
	g_autofree char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, value);
}

gboolean load_error_needs_jit(GError **error)
{
	if (!has_value(JIT_SETTING, "0"))
		return FALSE;
	g_set_error_literal(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL, NEEDS_JIT);
	return TRUE;
}

const char *load_error_cause(const char *log)
{
	for (gsize i = 0; i < G_N_ELEMENTS(causes); i++)
		if (strstr(log, causes[i].log) &&
		    (!causes[i].setting || has_value(causes[i].setting, causes[i].value)))
			return causes[i].cause;
	return NULL;
}

/* The verifier states its reason in the last line before the statistics. */
static char *last_words(const char *log)
{
	g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
	const char *words = "no reason given";

	for (guint i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);

		if (*line && !g_str_has_prefix(line, "processed ") &&
		    !g_str_has_prefix(line, "verification time"))
			words = line;
	}
	return g_strndup(words, 200);
}

static void set_without_log(GError **error, int reason)
{
	const char *text = g_strerror(reason);

	for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (reasons[i].reason == reason)
			text = reasons[i].text;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
		    "the kernel does not load the capture programs: %s", text);
}

void load_error_set(GError **error, int reason, const char *log, gboolean filter_to_blame)
{
	const char *cause = load_error_cause(log);
	g_autofree char *words = last_words(log);

	if (log[0])
		g_debug("verifier: %s", log);
	if (reason == EPERM && !cause)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_PERMISSION,
			    "loading BPF programs is not permitted: %s",
			    program_permission_remedy());
	else if (cause)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel does not load the capture programs: %s", cause);
	else if (!log[0])
		set_without_log(error, reason);
	else if (filter_to_blame)
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_FILTER,
			    "the kernel's verifier refuses the filter: %s", words);
	else
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "the kernel's verifier refuses the capture programs, with any filter: "
			    "%s",
			    words);
}
