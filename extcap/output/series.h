/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of the files of a capture that writes several one after the other, and how each is
 * opened: as tcpdump does with -C, -G and -W.
 */
#ifndef XDPSHARK_SERIES_H
#define XDPSHARK_SERIES_H

#include <glib.h>
#include <sys/types.h>
#include <time.h>

typedef struct {
	char *folder;	     /* the part of the name that is the same for all, or "." */
	char *prefix;	     /* the folder as it was typed, in front of names: "" or "dumps/" */
	char *pattern;	     /* the rest of the name; for strftime() if timed */
	gboolean timed;	     /* -G */
	gboolean sized;	     /* -C: numbers follow the name */
	guint64 count;	     /* -W: sized files are numbered below that, and then anew; 0: no end */
	guint64 number;	     /* of the next file since the last one that time has begun */
	gboolean started;    /* there is a file already */
	dev_t spared_device; /* a file that must not be emptied, whatever its name: its device */
	ino_t spared_inode;  /* and number; 0: there is none */
} Series;

void series_init(Series *series, const char *name, gboolean timed, gboolean sized, guint64 count);
void series_clear(Series *series);

/* The file at path, if there is one, is not to become one of the series: the log, say. */
void series_spare(Series *series, const char *path);

/* The name of the next file, to be freed by g_free(). */
char *series_name(const Series *series, time_t now);

/* Opens the next file, relative to the folder: creates it with mode 0600, or empties the one that
 * is there. Returns -1 with errno; ENOTSUP if there is something that is no regular file, EEXIST if
 * it is the file to be spared. Only the first name is followed where it is a symbolic link.
 * *ret_name is set in any case. */
int series_open(Series *series, int folder, time_t now, char **ret_name);

#endif /* XDPSHARK_SERIES_H */
