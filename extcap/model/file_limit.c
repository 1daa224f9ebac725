// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_limit.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

G_DEFINE_QUARK(xdpshark_file_limit_error, file_limit_error)

void file_limit_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	/* If that fails, the limit stays what it is. */
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* A new descriptor gets the lowest free number, so about that many are open. Ones inherited with a
 * high number are missed. */
static guint64 count_open(guint64 limit)
{
	int copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return limit;
	close(copy);
	return (guint64)copy;
}

gboolean file_limit_check(guint more, const char *who, const char *what, GError **error)
{
	struct rlimit limit;
	guint64 open;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return TRUE;
	open = count_open(limit.rlim_cur);
	if (open + more <= limit.rlim_cur)
		return TRUE;
	g_set_error(error, FILE_LIMIT_ERROR, FILE_LIMIT_ERROR_REACHED,
		    "%s may have %" G_GUINT64_FORMAT " files open, and for %s it may need "
		    "%" G_GUINT64_FORMAT ": raise the limit (ulimit -n), or capture fewer hooks",
		    who, (guint64)limit.rlim_cur, what, open + more);
	return FALSE;
}
