/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a capture tells on standard error, to a person or to a program: a line a second, and one at
 * the end.
 */
#ifndef XDPSHARK_STATUS_H
#define XDPSHARK_STATUS_H

#include <glib.h>

#include "counts.h"
#include "source_type.h"

/* type is that of the points, whose verdicts have names; NULL: they are of several.
 * "received 1200 (DROP 1150, PASS 50), matched 80 (DROP 80), lost 0", to be freed by g_free(). */
char *status_format(const Counts *counts, const SourceType *type);

/* The same as a JSON object in one line, with every verdict and outcome, and what was missed (see
 * detached_add_json()); written is the number of
 * packets that are in the output or on their way to it. final: the line after which none follows;
 * then matched = written + lost, unless the output failed. To be freed by g_free(). */
char *status_format_json(const Counts *counts, const SourceType *type, guint64 written,
			 const GPtrArray *detached, gboolean final);

/* A message for the user as an object of one line: {"message": text}. */
char *status_format_message(const char *text);

#endif /* XDPSHARK_STATUS_H */
