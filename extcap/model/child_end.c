// SPDX-License-Identifier: GPL-2.0-or-later
#include "child_end.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* A process closes its descriptors a moment before it can be waited for. */
#define LOOKS_MAX	 200
#define LOOK_INTERVAL_US 5000

const char *child_start_reason(int reason)
{
	return reason == EAGAIN ? "no more processes are allowed: end some, or raise the limit "
				  "(ulimit -u; in a container or service pids.max)"
				: g_strerror(reason);
}

static char *describe_signal(int number)
{
	if (number == SIGKILL)
		return g_strdup("was killed, as the kernel does when memory is short (see 'dmesg', "
				"and the limit of its control group)");
	return g_strdup_printf("was killed by signal %d (%s)", number, g_strsignal(number));
}

char *child_end_describe(int status)
{
	return WIFSIGNALED(status) ? describe_signal(WTERMSIG(status)) : NULL;
}

char *child_end_of(pid_t pid)
{
	siginfo_t info = { 0 };

	for (guint looks = 0; pid > 0 && looks < LOOKS_MAX; looks++) {
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
			return NULL;
		if (info.si_pid == pid)
			return info.si_code == CLD_EXITED ? NULL : describe_signal(info.si_status);
		g_usleep(LOOK_INTERVAL_US);
	}
	return NULL;
}
