// SPDX-License-Identifier: GPL-2.0-or-later
#include "series.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The length of the part of the name that holds folders and does not change, with its slash. */
static gsize prefix_length(const char *name, gboolean timed)
{
	const char *percent = timed ? strchr(name, '%') : NULL;
	const char *slash = g_strrstr_len(name, percent ? percent - name : -1, "/");

	return slash ? (gsize)(slash - name) + 1 : 0;
}

void series_init(Series *series, const char *name, gboolean timed, gboolean sized, guint64 count)
{
	gsize length = prefix_length(name, timed);

	memset(series, 0, sizeof(*series));
	series->prefix = g_strndup(name, length);
	series->folder = g_strdup(length > 0 ? series->prefix : ".");
	series->pattern = g_strdup(name + length);
	series->timed = timed;
	series->sized = sized;
	series->count = count;
}

void series_clear(Series *series)
{
	g_free(series->folder);
	g_free(series->prefix);
	g_free(series->pattern);
}

void series_spare(Series *series, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	series->spared_device = status.st_dev;
	series->spared_inode = status.st_ino;
}

/* As many digits as the largest number has, so that names sort. */
static gint count_digits(guint64 count)
{
	gint digits = 0;

	for (guint64 largest = count > 0 ? count - 1 : 0; largest > 0; largest /= 10)
		digits++;
	return digits;
}

/* NULL if it is too long. */
static char *relative_name(const Series *series, time_t now)
{
	gint digits = count_digits(series->count);
	char text[PATH_MAX];
	struct tm local;

	if (!series->timed)
		g_strlcpy(text, series->pattern, sizeof(text));
	else if (!localtime_r(&now, &local) ||
		 strftime(text, sizeof(text), series->pattern, &local) == 0)
		return NULL;
	/* Without leading zeros the first one has the plain name. */
	if (!series->sized || (digits == 0 && series->number == 0))
		return g_strdup(text);
	return g_strdup_printf("%s%0*" G_GUINT64_FORMAT, text, digits, series->number);
}

char *series_name(const Series *series, time_t now)
{
	g_autofree char *name = relative_name(series, now);

	return g_strconcat(series->prefix, name ? name : series->pattern, NULL);
}

static gboolean is_spared(const Series *series, const struct stat *status)
{
	return series->spared_inode != 0 && status->st_ino == series->spared_inode &&
	       status->st_dev == series->spared_device;
}

/* What is there may be anything: it is not emptied before it is known to be a file. */
static int open_file(const Series *series, int folder, const char *name)
{
	int fd = openat(folder, name,
			O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
				(series->started ? O_NOFOLLOW : 0),
			0600);
	struct stat status;
	int reason;

	if (fd < 0) {
		/* A FIFO that nobody reads. */
		errno = errno == ENXIO ? ENOTSUP : errno;
		return -1;
	}
	errno = ENOTSUP;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		if (is_spared(series, &status))
			errno = EEXIST;
		else if (ftruncate(fd, 0) == 0)
			return fd;
	}
	reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

int series_open(Series *series, int folder, time_t now, char **ret_name)
{
	g_autofree char *name = relative_name(series, now);
	int fd;

	*ret_name = series_name(series, now);
	if (!name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open_file(series, folder, name);
	if (fd < 0)
		return -1;
	series->started = TRUE;
	series->number++;
	if (series->count > 0 && series->number >= series->count)
		series->number = 0;
	return fd;
}
