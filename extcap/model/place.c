// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.h"

#include <sys/auxv.h>

/* Some containers have no /proc: fall back to the path that was executed. */
static char *own_path(void)
{
	char *self = g_file_read_link("/proc/self/exe", NULL);
	unsigned long started = self ? 0 : getauxval(AT_EXECFN);

	return started ? g_canonicalize_filename((const char *)started, NULL) : self;
}

char *place_of(const char *path)
{
	g_autofree char *self = own_path();
	g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;

	return g_canonicalize_filename(path, folder ? folder : "/");
}
