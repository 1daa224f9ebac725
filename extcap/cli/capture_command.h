/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the words after "xdpshark capture" ask for.
 */
#ifndef XDPSHARK_CAPTURE_COMMAND_H
#define XDPSHARK_CAPTURE_COMMAND_H

#include <glib.h>

#include "option.h"

typedef struct {
	OptionValues values;
	GStrv points; /* paths, names or devices, one at least */
	char *filter;
	char *remark;  /* a line for the user, or NULL */
	gboolean list; /* is all that is asked for */
} CaptureArguments;

/* Reads the words and does nothing else, but for --help, which prints and ends the process.
 * arguments are to be cleared in any case. */
gboolean capture_arguments_parse(CaptureArguments *arguments, int argc, char **argv,
				 GError **error);
void capture_arguments_clear(CaptureArguments *arguments);

#endif /* XDPSHARK_CAPTURE_COMMAND_H */
