// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_error.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/utsname.h>

G_DEFINE_QUARK(xdpshark_program_error, program_error)

/* Before Linux 5.11, the memory of programs and maps counts as locked. */
static gboolean counts_as_locked(void)
{
	struct utsname kernel;
	unsigned int major, minor;

	return uname(&kernel) == 0 && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
	       (major < 5 || (major == 5 && minor < 11));
}

const char *program_permission_remedy(void)
{
	struct rlimit limit;

	if (counts_as_locked() && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		return "raise the limit of locked memory first, which before Linux 5.11 also "
		       "limits BPF ('ulimit -l unlimited')";
	return PROGRAM_PERMISSION_REMEDY;
}
