// SPDX-License-Identifier: GPL-2.0-or-later
#include "pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* What Wireshark's window takes at most to open a toolbar's FIFO after dumpcap has opened its. */
#define OPEN_LIMIT_MS 2000

/* Arguments whose value may look like another one: a filter, say, is what the user typed. */
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

/* Looks for an argument without reading the others. Returns its value, "" if it has none, or NULL
 * if it is not there. */
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

gboolean pipes_open(Pipes *pipes, int argc, char **argv, GError **error)
{
	const char *control = find_argument(argc, argv, "--extcap-control-in");
	const char *fifo = find_argument(argc, argv, "--fifo");

	*pipes = (Pipes){ .control = -1 };
	/* Without waiting for Wireshark, which opens it when packets come, or never. */
	if (control)
		pipes->control = open(control, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (!fifo || !*fifo)
		return TRUE;
	pipes->output = output_open_fifo(fifo, error);
	return pipes->output != NULL;
}

void pipes_close(Pipes *pipes, gboolean failed)
{
	struct pollfd writer = { .fd = pipes->control, .events = POLLIN };

	/* dumpcap learns of the end at once. */
	g_clear_pointer(&pipes->output, output_free);
	if (pipes->control < 0)
		return;
	if (failed)
		poll(&writer, 1, OPEN_LIMIT_MS);
	close(pipes->control);
	pipes->control = -1;
}
