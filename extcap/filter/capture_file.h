/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture files, read through libpcap.
 */
#ifndef XDPSHARK_CAPTURE_FILE_H
#define XDPSHARK_CAPTURE_FILE_H

#include <glib.h>

#include "link_type.h"

typedef struct CaptureFile CaptureFile;

/* Opens a pcap or pcapng file with packets of one of our link types. The caller keeps the
 * descriptor. path is for messages. */
CaptureFile *capture_file_open(int fd, const char *path, GError **error);
void capture_file_free(CaptureFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureFile, capture_file_free)

LinkType capture_file_link(const CaptureFile *file);

typedef struct {
	const guint8 *data;
	gsize size;	     /* captured bytes, in data */
	guint32 wire_length; /* of the whole packet, according to the file */
} CapturePacket;

/* Gets the next packet, valid until the next call. FALSE at the end, or on error. */
gboolean capture_file_next(CaptureFile *file, CapturePacket *ret_packet, GError **error);

#endif /* XDPSHARK_CAPTURE_FILE_H */
