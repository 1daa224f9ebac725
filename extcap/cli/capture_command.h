/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of "xdpshark capture".
 */
#ifndef XDPSHARK_CAPTURE_COMMAND_H
#define XDPSHARK_CAPTURE_COMMAND_H

#include <glib.h>

#include "option.h"

typedef struct {
	OptionValues values;
	GStrv points; /* paths, names or devices; at least one */
	char *filter;
	char *filter_file; /* where it is to be read from, or NULL */
	char *remark;	   /* a line for the user where packets are not printed, or NULL */
	char *unprinted;   /* where they are, likewise */
	char *style;	   /* how: letters, and words for tshark */
	GPtrArray *handed;
	gboolean list; /* only list the hooks */
} CaptureArguments;

/* Only parses the arguments, except that --help prints and ends the process. *ret_arguments must be
 * cleared in any case. */
gboolean capture_arguments_parse(CaptureArguments *ret_arguments, int argc, char **argv,
				 GError **error);
void capture_arguments_clear(CaptureArguments *arguments);

#endif /* XDPSHARK_CAPTURE_COMMAND_H */
