/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a filter in the kernel on the packets of a capture file. xdpshark-hookd runs it, without
 * access to the file itself.
 */
#ifndef XDPSHARK_MATCH_FILE_H
#define XDPSHARK_MATCH_FILE_H

#include <glib.h>

#include "broker.h"
#include "capture_file.h"
#include "filter.h"

/* Loads the filter that match_file() uses from now on. */
gboolean match_file_filter(Broker *broker, const Filter *filter, GError **error);

/* Calls found for each packet of the file, in order, with the filter's result (0: no match). FALSE
 * with error if the file or the kernel fails; found has then been called for the packets before. */
gboolean match_file(Broker *broker, CaptureFile *file, void (*found)(guint32 value, gpointer data),
		    gpointer data, GError **error);

#endif /* XDPSHARK_MATCH_FILE_H */
