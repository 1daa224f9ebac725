// SPDX-License-Identifier: GPL-2.0-or-later
#include "rotation.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "opener.h"
#include "series.h"

struct Rotation {
	Opener *opener;
	guint64 size;	 /* bytes; 0: no limit */
	guint64 seconds; /* 0: no limit */
	guint64 last;	 /* so many files that time has begun are wanted; 0: no limit */
	guint64 files;
	guint64 periods; /* files that time has begun */
	gint64 due;	 /* monotonic, in us: when the time of the current file is over */
};

/* What the opener is asked for. */
enum {
	NEXT_IN_PERIOD,
	FIRST_OF_PERIOD, /* time has begun it */
};

/* The opener's. */
typedef struct {
	Series series;
	gint64 seconds;
	time_t time; /* of the period, in names */
} Opening;

static int open_next(gpointer data, guint8 request, int folder, char **ret_name)
{
	Opening *opening = data;
	time_t now = time(NULL);

	if (request == FIRST_OF_PERIOD) {
		/* time() is a moment late: the name must not be that of the period before. */
		opening->time = now == opening->time + opening->seconds - 1 ? now + 1 : now;
		opening->series.number = 0;
	}
	return series_open(&opening->series, folder, opening->time, ret_name);
}

static int open_file(Rotation *rotation, char **ret_name, GError **error)
{
	gboolean begins = rotation->files == 0 || rotation_is_over(rotation);
	int fd = opener_next(rotation->opener, begins ? FIRST_OF_PERIOD : NEXT_IN_PERIOD, ret_name);

	if (fd < 0) {
		output_set_error(error, "open", *ret_name, errno);
		return -1;
	}
	rotation->files++;
	if (!begins)
		return fd;
	rotation->periods++;
	rotation->due = g_get_monotonic_time() + (gint64)rotation->seconds * G_USEC_PER_SEC;
	return fd;
}

Rotation *rotation_new(const OptionValues *values, Output **ret_output, GError **error)
{
	g_autoptr(Rotation) rotation = g_new0(Rotation, 1);
	g_autofree char *name = NULL;
	Opening opening = { .seconds = values->file_seconds };
	int fd;

	*ret_output = NULL;
	rotation->size = (guint64)values->file_size;
	rotation->seconds = (guint64)values->file_seconds;
	rotation->last = values->file_size == 0 ? (guint64)values->file_count : 0;
	series_init(&opening.series, values->write, values->file_seconds > 0, values->file_size > 0,
		    values->file_size > 0 ? (guint64)values->file_count : 0);
	if (values->log_file)
		series_spare(&opening.series, values->log_file);
	rotation->opener = opener_new(opening.series.folder, open_next, &opening, error);
	series_clear(&opening.series);
	fd = rotation->opener ? open_file(rotation, &name, error) : -1;
	if (fd < 0)
		return NULL;
	*ret_output = output_new_file(fd, name, error);
	if (!*ret_output)
		return NULL;
	return g_steal_pointer(&rotation);
}

void rotation_free(Rotation *rotation)
{
	if (!rotation)
		return;
	opener_free(rotation->opener);
	g_free(rotation);
}

gsize rotation_room(const Rotation *rotation, const Output *output)
{
	guint64 used = output_written(output) + output_backlog(output);

	if (rotation->size == 0)
		return G_MAXSIZE;
	return used < rotation->size ? rotation->size - used : 0;
}

gboolean rotation_is_over(const Rotation *rotation)
{
	return rotation->seconds > 0 && g_get_monotonic_time() >= rotation->due;
}

gboolean rotation_ends(const Rotation *rotation)
{
	return rotation->last > 0 && rotation->periods >= rotation->last &&
	       rotation_is_over(rotation);
}

gboolean rotation_next(Rotation *rotation, Output *output, GError **error)
{
	g_autofree char *name = NULL;
	int fd = open_file(rotation, &name, error);

	if (fd < 0)
		return FALSE;
	output_renew(output, fd, name);
	return TRUE;
}

guint64 rotation_files(const Rotation *rotation)
{
	return rotation->files;
}
