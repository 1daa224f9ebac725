// SPDX-License-Identifier: GPL-2.0-or-later
#include "pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long Wireshark's main window may take to open a toolbar's FIFO after dumpcap has opened its
 * own. */
#define OPEN_LIMIT_MS 2000

/* Arguments whose value may look like another argument: a filter is whatever the user typed. */
static const char *const with_value[] = {
	"--extcap-interface",
	"--extcap-capture-filter",
	"--extcap-control-in",
	"--extcap-control-out",
	"--extcap-version",
	"--extcap-reload-option",
	"--fifo",
	NULL,
};

/* Looks for an argument without parsing the others. Returns its value, "" if it has none, or NULL
 * if it is missing. */
static const char *find_argument(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++) {
		gboolean has_value = g_strv_contains(with_value, argv[i]);

		if (strcmp(argv[i], name) == 0)
			return has_value && i + 1 < argc ? argv[i + 1] : "";
		if (g_str_has_prefix(argv[i], name) && argv[i][strlen(name)] == '=')
			return argv[i] + strlen(name) + 1;
		i += has_value;
	}
	return NULL;
}

gboolean pipes_are_awaited(int argc, char **argv)
{
	return find_argument(argc, argv, "--capture") != NULL;
}

/* Open for reading too, it takes what is written before Wireshark has opened it, and does not end
 * us when Wireshark has closed it. */
static int open_toolbar(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISFIFO(status.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

gboolean pipes_open(Pipes *ret_pipes, int argc, char **argv, GError **error)
{
	const char *control = find_argument(argc, argv, "--extcap-control-in");
	const char *toolbar = find_argument(argc, argv, "--extcap-control-out");
	const char *fifo = find_argument(argc, argv, "--fifo");

	*ret_pipes = (Pipes){ .control = -1, .toolbar = -1 };
	/* Do not wait for Wireshark, which opens it when packets come, or never. */
	if (control)
		ret_pipes->control = open(control, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (toolbar)
		ret_pipes->toolbar = open_toolbar(toolbar);
	if (!fifo || !*fifo)
		return TRUE;
	ret_pipes->output = output_open_fifo(fifo, error);
	return ret_pipes->output != NULL;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void pipes_close(Pipes *pipes, gboolean failed)
{
	struct pollfd writer = { .fd = pipes->control, .events = POLLIN };

	/* Close this first: dumpcap then sees the end at once. */
	g_clear_pointer(&pipes->output, output_free);
	if (pipes->control >= 0 && failed)
		poll(&writer, 1, OPEN_LIMIT_MS);
	close_one(&pipes->control);
	/* By now Wireshark has opened it, and sees its end. */
	close_one(&pipes->toolbar);
}
