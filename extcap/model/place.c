// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.h"

char *place_of(const char *path)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;

	return g_canonicalize_filename(path, folder ? folder : "/");
}
