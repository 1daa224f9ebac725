/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture file that is read by a process of its own, without any privilege: whoever wrote the
 * file, what reads it must not be root.
 */
#ifndef XDPSHARK_CAPTURE_FEED_H
#define XDPSHARK_CAPTURE_FEED_H

#include <glib.h>

#include "capture_file.h"

typedef struct CaptureFeed CaptureFeed;

/* Opens the file with the rights of the caller ("-": standard input); errors as of
 * capture_file_open(). */
CaptureFeed *capture_feed_open(const char *path, GError **error);
void capture_feed_free(CaptureFeed *feed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureFeed, capture_feed_free)

/* As capture_file_next(). */
gboolean capture_feed_next(CaptureFeed *feed, CapturePacket *ret_packet, GError **error);

#endif /* XDPSHARK_CAPTURE_FEED_H */
