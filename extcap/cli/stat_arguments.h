/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of "xdpshark stat", with the habits of those who know top, vmstat and tcpdump.
 */
#ifndef XDPSHARK_STAT_ARGUMENTS_H
#define XDPSHARK_STAT_ARGUMENTS_H

#include <glib.h>

#include "option.h"

typedef struct {
	gdouble interval; /* seconds */
	gint64 count;	  /* intervals; 0: no limit */
	gdouble duration; /* seconds; 0: no limit */
	char *actions;	  /* names, separated by commas; NULL: all */
	char *filter;	  /* of -f; NULL: the last words may be one */
	char *filter_file;
	GPtrArray *interfaces; /* char *: points of -i */
	GStrv words;	       /* points, then perhaps a filter; or NULL */
	gboolean metrics;
	char *output; /* the file of the metrics; NULL: standard output */
	gboolean json;
	gboolean batch;
	OptionColor color;
	gboolean follow;
	gboolean share_foreign;
	gboolean unproven;
} StatArguments;

/* Only parses, except that --help prints and ends the process. *ret_arguments must be cleared in
 * any case. */
gboolean stat_arguments_parse(StatArguments *ret_arguments, int argc, char **argv, GError **error);
void stat_arguments_clear(StatArguments *arguments);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StatArguments, stat_arguments_clear)

#endif /* XDPSHARK_STAT_ARGUMENTS_H */
