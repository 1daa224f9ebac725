// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"

#include <glib.h>
#include <signal.h>
#include <string.h>

/* GLib ends the process so over a fatal message; libFuzzer does not know that signal. */
static void trap(int signal G_GNUC_UNUSED)
{
	abort();
}

void fuzz_log(const char *domain, GLogLevelFlags level, const char *message,
	      gpointer data G_GNUC_UNUSED)
{
	if (!domain || !g_str_has_prefix(domain, "GLib") ||
	    !(level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)))
		return;
	fprintf(stderr, "%s: %s\n", domain, message);
	abort();
}

void fuzz_begin(void)
{
	signal(SIGTRAP, trap);
	g_log_set_default_handler(fuzz_log, NULL);
}
