// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.h"

#ifdef _GNU_SOURCE
#include <sys/auxv.h>
#endif

/* The path that was executed, if the system says so, or where it may have been found. */
static char *started_path(void)
{
#ifdef _GNU_SOURCE
	unsigned long started = getauxval(AT_EXECFN);

	return started ? g_canonicalize_filename((const char *)started, NULL) : NULL;
#else
	return g_find_program_in_path("xdpshark");
#endif
}

/* Some containers have no /proc, and other systems none at all. */
static char *own_path(void)
{
	char *self = g_file_read_link("/proc/self/exe", NULL);

	return self ? self : started_path();
}

char *place_of(const char *path)
{
	g_autofree char *self = own_path();
	g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;

	return g_canonicalize_filename(path, folder ? folder : "/");
}
