// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.h"

gboolean command_parse(int argc, char **argv, const GOptionEntry *entries, const char *summary)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	const char *name = argv[0];

	g_option_context_set_summary(context, summary);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		g_printerr("xdpshark: %s: %s (see xdpshark %s --help)\n", name, error->message,
			   name);
		return FALSE;
	}
	if (argc == 1)
		return TRUE;
	g_printerr("xdpshark: %s takes no operand, but \"%s\" was given (see xdpshark %s --help)\n",
		   name, argv[1], name);
	return FALSE;
}
