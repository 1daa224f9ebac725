// SPDX-License-Identifier: GPL-2.0-or-later
#include "signals.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

/* Handlers write the signal's number into a pipe. There is one for the process. */
static volatile sig_atomic_t write_end = -1;

static void on_signal(int number)
{
	const unsigned char byte = (unsigned char)number;
	int before = errno;

	if (write_end >= 0)
		(void)!write(write_end, &byte, 1);
	errno = before;
}

int signals_open(const int *numbers)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int pipe[2];

	if (!g_unix_open_pipe(pipe, FD_CLOEXEC, NULL))
		return -1;
	g_unix_set_fd_nonblocking(pipe[0], TRUE, NULL);
	g_unix_set_fd_nonblocking(pipe[1], TRUE, NULL);
	write_end = pipe[1];
	sigemptyset(&action.sa_mask);
	for (; *numbers; numbers++)
		sigaction(*numbers, &action, NULL);
	return pipe[0];
}

void signals_close(int fd)
{
	int end = write_end;

	write_end = -1;
	close(end);
	close(fd);
}

int signals_take(int fd)
{
	unsigned char number;

	return read(fd, &number, 1) == 1 ? number : 0;
}
