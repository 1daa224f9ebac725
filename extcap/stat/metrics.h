/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts as metrics for Prometheus and what reads the same: text that is valid both as OpenMetrics
 * 1.0 and in the older format that node_exporter and promtool read.
 *
 * The two differ in how they name a counter: HELP and TYPE of one that ends in _total are with that
 * in the one, without in the other. A summary is the same in both, and has what is needed: how many
 * there were, and the sum of their sizes.
 */
#ifndef XDPSHARK_METRICS_H
#define XDPSHARK_METRICS_H

#include <glib.h>

#include "tally.h"

/* Free with g_free(). */
char *metrics_format(const Tally *tally);

/* Sets the file's name without links, if it can be replaced: what is there is no device, folder or
 * the like. Free it with g_free(). */
gboolean metrics_file_resolve(const char *path, char **ret_path, GError **error);

/* Puts text in the place of the file: whoever reads it meanwhile gets all of the old one or all of
 * the new one. */
gboolean metrics_file_replace(const char *path, const char *text, GError **error);

#endif /* XDPSHARK_METRICS_H */
