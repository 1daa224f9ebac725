/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counts that a capture prints on standard error, for a person or a program: a line each
 * second, and one at the end.
 */
#ifndef XDPSHARK_STATUS_H
#define XDPSHARK_STATUS_H

#include <glib.h>

#include "counts.h"
#include "source_type.h"

/* "received 1200 (DROP 1150, PASS 50), matched 80 (DROP 80), lost 0". type is that of all points,
 * for the names of its verdicts; NULL if the points are of several types. Free with g_free(). */
char *status_format(const Counts *counts, const SourceType *type);

/* The same as a JSON object on one line, with the type and every verdict and outcome, and what was
 * missed (see detached_add_json()). written is the number of packets in the output or on their way
 * to it. final: this is the last line; then matched = written + lost, unless the output failed.
 * Free with g_free(). */
char *status_format_json(const Counts *counts, const SourceType *type, guint64 written,
			 const GPtrArray *detached, gboolean final);

/* A message for the user as an object on one line: {"message": text}. Free with g_free(). */
char *status_format_message(const char *text);

/* Reads a line of either kind, from another xdpshark. *ret_message: the message, to be freed with
 * g_free(), or NULL; then *ret_counts has its counts. *type is that of its points as far as is
 * known, and becomes what the line says: NULL if they are of several types. What no verdict of the
 * type counts is in XDPSHARK_SLOT_OTHER. FALSE if the line is neither. */
gboolean status_parse(const char *line, const SourceType **type, Counts *ret_counts,
		      char **ret_message);

#endif /* XDPSHARK_STATUS_H */
