// SPDX-License-Identifier: GPL-2.0-or-later
#include "tshark.h"

#include <string.h>

static char *run_tshark(const char *argument, const char *topic)
{
	const char *const arguments[] = { "tshark", argument, topic, NULL };
	g_autofree char *output = NULL;
	int status = 0;

	if (!g_spawn_sync(NULL, (char **)arguments, NULL,
			  G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
			  NULL, &status, NULL) ||
	    !g_spawn_check_wait_status(status, NULL))
		return NULL;
	return g_steal_pointer(&output);
}

/* Parses lines of "Name:<white space>folder". 4.0 only has the global folder of extcaps; the
 * personal one is below that of the configuration. */
static void read_folders(Tshark *tshark, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		char *folder = strchr(lines[i], ':');

		if (!folder)
			continue;
		*folder = '\0';
		folder = g_strstrip(folder + 1);
		if (g_str_has_suffix(lines[i], "xtcap path"))
			g_ptr_array_add(tshark->extcaps, g_strdup(folder));
		else if (g_str_equal(lines[i], "Personal configuration") &&
			 !strstr(text, "Personal Extcap path"))
			g_ptr_array_add(tshark->extcaps, g_build_filename(folder, "extcap", NULL));
		else if (g_str_equal(lines[i], "Personal Plugins") ||
			 g_str_equal(lines[i], "Global Plugins"))
			g_ptr_array_add(tshark->plugins, g_build_filename(folder, "epan", NULL));
	}
}

void tshark_ask(Tshark *ret_tshark)
{
	g_autofree char *version = run_tshark("--version", NULL);
	g_autofree char *folders = run_tshark("-G", "folders");

	ret_tshark->version = NULL;
	ret_tshark->extcaps = g_ptr_array_new_with_free_func(g_free);
	ret_tshark->plugins = g_ptr_array_new_with_free_func(g_free);
	if (!version || !folders)
		return;
	ret_tshark->version = g_strndup(version, strcspn(version, "\n"));
	read_folders(ret_tshark, folders);
}

void tshark_clear(Tshark *tshark)
{
	g_free(tshark->version);
	g_ptr_array_unref(tshark->extcaps);
	g_ptr_array_unref(tshark->plugins);
}
