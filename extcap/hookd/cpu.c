// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu.h"

#include <unistd.h>

#include "program_error.h"

/* The kernel writes numbers in rising order, each once. */
static gboolean parse_number(const char **text, guint64 least, guint *ret_number)
{
	char *end;
	guint64 number;

	if (!g_ascii_isdigit(**text))
		return FALSE;
	number = g_ascii_strtoull(*text, &end, 10);
	*text = end;
	*ret_number = (guint)number;
	return number >= least && number < CPU_NUMBERS;
}

gboolean cpu_list_parse(const char *text, guint *ret_count, guint *ret_end)
{
	guint count = 0, end = 0;

	do {
		guint first, last;

		if (!parse_number(&text, end, &first))
			return FALSE;
		last = first;
		if (*text == '-' && (text++, !parse_number(&text, first, &last)))
			return FALSE;
		count += last - first + 1;
		end = last + 1;
	} while (*text == ',' && text++);
	if (*text == '\n')
		text++;
	*ret_count = count;
	*ret_end = end;
	return *text == '\0';
}

static gboolean read_list(const char *folder, const char *name, guint *ret_count, guint *ret_end,
			  GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) reason = NULL;

	if (!g_file_get_contents(path, &text, NULL, &reason)) {
		g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
			    "cannot read which CPUs this machine has: %s: is /sys mounted?",
			    reason->message);
		return FALSE;
	}
	if (cpu_list_parse(text, ret_count, ret_end))
		return TRUE;
	g_set_error(error, PROGRAM_ERROR, PROGRAM_ERROR_KERNEL,
		    "cannot read which CPUs this machine has: %s holds no list of them below %d",
		    path, CPU_NUMBERS);
	return FALSE;
}

gboolean cpus_read(const char *folder, Cpus *ret_cpus, GError **error)
{
	Cpus cpus;
	guint end;

	if (!read_list(folder, "possible", &cpus.possible, &cpus.end, error))
		return FALSE;
	/* This only decides how many rings are prepared. */
	if (!read_list(folder, "online", &cpus.online, &end, NULL))
		cpus.online = MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
	cpus.online = MIN(cpus.online, cpus.possible);
	*ret_cpus = cpus;
	return TRUE;
}
