/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter that stands in a file, as tcpdump takes it: on several lines, with comments.
 */
#ifndef XDPSHARK_FILTER_TEXT_H
#define XDPSHARK_FILTER_TEXT_H

#include <glib.h>

/* The filter in one line, without comments (from '#' to the end of a line), to be freed by
 * g_free(). "-" is standard input. */
char *filter_text_read(const char *path, GError **error);

#endif /* XDPSHARK_FILTER_TEXT_H */
