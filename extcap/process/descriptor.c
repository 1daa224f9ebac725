// SPDX-License-Identifier: GPL-2.0-or-later
#include "descriptor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of those that may be open. */
#define FDS_MAX 65536

void descriptor_fill_standard(void)
{
	/* Each in the wrong direction, so that reads and writes fail. */
	static const int modes[] = {
		[STDIN_FILENO] = O_WRONLY,
		[STDOUT_FILENO] = O_RDONLY,
		[STDERR_FILENO] = O_RDONLY,
	};

	/* In ascending order, so that each open() gets the missing number. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || open("/dev/null", modes[fd]) == fd)
			continue;
		/* There may be no /dev. A directory cannot be read or written by anyone. */
		if (open("/", O_RDONLY | O_DIRECTORY) != fd)
			_exit(EXIT_FAILURE);
	}
}

void descriptor_close_from(int first)
{
	long limit;

#if defined(_GNU_SOURCE) && defined(SYS_close_range)
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	limit = sysconf(_SC_OPEN_MAX);
	if (limit < 0 || limit > FDS_MAX)
		limit = FDS_MAX;
	for (int fd = first; fd < limit; fd++)
		close(fd);
}
