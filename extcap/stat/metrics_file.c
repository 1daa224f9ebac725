// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metrics.h"
#include "output.h"

/* node_exporter is somebody else. */
#define FILE_MODE 0644

gboolean metrics_file_resolve(const char *path, char **ret_path, GError **error)
{
	struct stat status;
	char *real;

	if (stat(path, &status) < 0 && lstat(path, &status) < 0) {
		*ret_path = g_strdup(path);
		return TRUE;
	}
	if (!S_ISREG(status.st_mode)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "%s is no file, and metrics take the place of one: name another one, "
			    "such as /var/lib/prometheus/node-exporter/xdp.prom",
			    path);
		return FALSE;
	}
	real = realpath(path, NULL);
	*ret_path = g_strdup(real ? real : path);
	free(real);
	return TRUE;
}

static gboolean write_all(int fd, const char *text)
{
	gsize left = strlen(text);

	while (left > 0) {
		gssize written = write(fd, text, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return FALSE;
		text += written;
		left -= (gsize)written;
	}
	return TRUE;
}

/* node_exporter reads files that end in .prom: this one does not. */
static char *name_beside(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path), *base = g_path_get_basename(path);

	return g_strdup_printf("%s/.%s.XXXXXX", folder, base);
}

gboolean metrics_file_replace(const char *path, const char *text, GError **error)
{
	g_autofree char *beside = name_beside(path);
	int fd = g_mkstemp_full(beside, O_WRONLY | O_CLOEXEC, 0600);
	int reason;

	if (fd < 0) {
		output_set_error(error, "write to", path, errno);
		return FALSE;
	}
	if (write_all(fd, text) && fchmod(fd, FILE_MODE) == 0 && close(fd) == 0) {
		fd = -1;
		if (rename(beside, path) == 0)
			return TRUE;
	}
	reason = errno;
	if (fd >= 0)
		close(fd);
	(void)unlink(beside);
	output_set_error(error, "write to", path, reason);
	return FALSE;
}
