// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.h"

gboolean command_parse_group(int argc, char **argv, const char *operands,
			     const GOptionEntry *entries, GOptionGroup *group, const char *summary)
{
	g_autoptr(GOptionContext) context = g_option_context_new(operands);
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(context, summary);
	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	if (g_option_context_parse(context, &argc, &argv, &error))
		return TRUE;
	g_printerr("xdpshark: %s: %s (see xdpshark %s --help)\n", argv[0], error->message, argv[0]);
	return FALSE;
}

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
