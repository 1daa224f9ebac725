// SPDX-License-Identifier: GPL-2.0-or-later
#include "descriptor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void descriptor_fill_standard(void)
{
	/* In the wrong direction each, so that who reads or writes is told. */
	static const int modes[] = {
		[STDIN_FILENO] = O_WRONLY,
		[STDOUT_FILENO] = O_RDONLY,
		[STDERR_FILENO] = O_RDONLY,
	};

	/* From 0 on, so that each takes the number that is missing. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || open("/dev/null", modes[fd]) == fd)
			continue;
		/* Without a /dev: a folder cannot be read or written by anyone. */
		if (open("/", O_RDONLY | O_DIRECTORY) != fd)
			_exit(EXIT_FAILURE);
	}
}
