// SPDX-License-Identifier: GPL-2.0-or-later
#include "descriptor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

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
