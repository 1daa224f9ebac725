// SPDX-License-Identifier: GPL-2.0-or-later
#include "remote_filter.h"

#include <string.h>

#include "exit_status.h"
#include "remote_list.h"
#include "terminal.h"

/* So that nothing of it controls the terminal but tabs and the ends of lines. */
static void print_tame(const char *text)
{
	while (*text) {
		gsize length = strcspn(text, "\t\n");
		g_autofree char *part = g_strndup(text, length), *tame = terminal_tame(part);

		g_print("%s%.*s", tame, text[length] != '\0', text + length);
		text += length + (text[length] != '\0');
	}
}

int remote_filter_command(int argc, char **argv)
{
	const RemoteAccess access = { .rights = REMOTE_RIGHTS_NONE };
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(RemoteHost) host = NULL;
	g_autofree char *text = NULL;

	if (argc < 3 || !remote_host_is_named(argv[1])) {
		g_printerr("xdpshark: filter: name a host that checks the filter, then the filter: "
			   "xdpshark filter ssh://HOST FILTER\n");
		return EXIT_STATUS_USAGE;
	}
	g_ptr_array_add(words, (gpointer) "filter");
	for (int i = 2; i < argc; i++)
		g_ptr_array_add(words, argv[i]);
	host = remote_host_parse(argv[1], NULL, &error);
	if (host)
		text = remote_ask(host, &access, words, &error);
	if (!text) {
		g_printerr("xdpshark: %s\n", error->message);
		return EXIT_STATUS_FAILED;
	}
	print_tame(text);
	return EXIT_STATUS_OK;
}
